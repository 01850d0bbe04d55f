"""The trace of Fisher information, held against its closed form for a linear softmax."""

import pytest
import torch

from hpbench.learning.fisher import fisher_traces

COUNT, INPUTS, OUTPUTS = 6, 5, 3


def linear() -> tuple[torch.nn.Sequential, torch.Tensor]:
    draws = torch.Generator().manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(INPUTS, OUTPUTS)).double()
    return model, torch.randn(COUNT, INPUTS, generator=draws, dtype=torch.double)


def test_equals_the_square_of_error_times_input_for_the_drawn_answers() -> None:
    model, inputs = linear()
    draws, expected = torch.Generator().manual_seed(7), 0.0
    for sample in inputs:
        shares = model(sample.unsqueeze(0)).softmax(1)[0].detach()
        answer = int(torch.multinomial(shares, 1, generator=draws))
        for k in range(OUTPUTS):
            for i in range(INPUTS):
                expected += float((float(k == answer) - shares[k]) * sample[i]) ** 2
    found = fisher_traces(model, ["0.weight"], inputs, seed=7)
    assert found == {"0.weight": pytest.approx(expected / COUNT, rel=1e-12)}


def test_tends_to_the_mean_over_all_answers() -> None:
    model, inputs = linear()
    shares = model(inputs).softmax(1).detach()
    errors = torch.eye(OUTPUTS, dtype=torch.double) - shares.unsqueeze(1)  # (B, answer, K)
    exact = (shares * errors.square().sum(2)).sum(1) * inputs.square().sum(1)
    found = [fisher_traces(model, ["0.weight"], inputs, seed)["0.weight"] for seed in range(300)]
    assert sum(found) / len(found) == pytest.approx(float(exact.mean()), rel=0.1)


def test_what_does_not_learn_and_what_scores_do_not_depend_on_has_none() -> None:
    model, inputs = linear()
    model.add_module("1", torch.nn.Identity())
    model[0].bias.requires_grad_(False)
    model.register_parameter("apart", torch.nn.Parameter(torch.zeros(2, 2)))
    found = fisher_traces(model, ["0.bias", "apart"], inputs, seed=0)
    assert found == {"0.bias": 0.0, "apart": 0.0}
