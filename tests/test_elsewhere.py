"""One draw of the noise that stands for other processors; `make test-all` has eight, and other arithmetic."""

import torch

from sobolev_mini.networks import drawn_layers
from tests.elsewhere import draw, passes


def test_the_noise_is_a_rounding_error_and_its_own(monkeypatch):
    monkeypatch.delenv("SOBOLEV_JITTER", raising=False)
    plain, found = drawn_layers((3, 8, 1), (4, 7), torch.float64, "cpu"), {}
    for k in (1, 2):
        monkeypatch.setenv("SOBOLEV_JITTER", str(k))
        found[k] = drawn_layers((3, 8, 1), (4, 7), torch.float64, "cpu")
        gaps = torch.cat([(x / y - 1).flatten() for x, y in zip(found[k], plain, strict=True)])
        assert 5e-8 < gaps.square().mean().sqrt() < 2e-7 and gaps.abs().max() < 1e-6
    assert not torch.equal(found[1][0], found[2][0])


def test_a_chapter_says_the_same_with_start_weights_off_by_a_rounding_error():
    passes("notebooks/03_first_order_targets.ipynb", draw(1))  # the shortest that trains
