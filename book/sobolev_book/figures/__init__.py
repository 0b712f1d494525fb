"""One function a figure: page, slider, fallback and test call the same one."""
