// The critic lab in small, on the first page: one weight, two panels.

import { explorer } from "./explorer.js";
import { advance, errorPanel, lab, more, policyPanel, told } from "./lab_panels.js";
import { METHODS_IN_LAB } from "./lab_run.js";
import { LAMBDAS } from "./margins.js";

export const description = {
  name: "hero",
  title: "Two critics trained side by side, without and with slopes",
  controls: [{ name: "weight", label: "weight λ", values: LAMBDAS, start: 1 }],
  live: { restart: ["weight"], begin: ({ weight }) => lab({ lam_s: weight, lam_a: weight, lr: 1e-4, seed: 0 }), advance, more },
  show,
};

export function show({ weight }, run) {
  const panels = [errorPanel(run, "policy"), policyPanel(run, ["exact"])];
  const named = weight ? METHODS_IN_LAB : ["value_only"], same = weight ? "" : " Both critics are now the same.";
  return { panels, methods: ["exact", ...METHODS_IN_LAB], words: `λ = ${weight}.${same} ${told(run, named)}` };
}

export default explorer(description);
