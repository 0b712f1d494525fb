"""What the book measures: a file for each study, and SHAC and PODS, the relatives in them."""
