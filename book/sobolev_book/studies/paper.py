"""What the paper reports: Table 1, mean and spread over five seeds (Schramm et al. 2025)."""

SEEDS = 5
CELLS = ("q", "q_a", "policy")  # its columns: Q* MSE, grad_a Q* MSE, policy error
_ROWS = {
    ("quadratic", "value_only"): ((4.10e-2, 0.8e-2), (1.93e-1, 0.4e-1), (3.80e-2, 0.1e-2)),
    ("quadratic", "sobolev"): ((1.05e-2, 0.2e-2), (3.16e-2, 0.8e-2), (5.03e-3, 0.4e-3)),
    ("mlp", "value_only"): ((4.45e-2, 2.8e-2), (4.33e-1, 1.6e-1), (1.67e-2, 1.1e-2)),
    ("mlp", "sobolev"): ((1.25e-2, 2.6e-2), (2.14e-2, 2.2e-2), (1.35e-3, 2.0e-3)),
}
# (model, method) -> cell -> (mean, spread)
TABLE1 = {row: dict(zip(CELLS, cells, strict=True)) for row, cells in _ROWS.items()}
