"""Modules with tapes: flat parameters as gradient descent, points along geodesics, and what is refused."""

import copy

import pytest
import torch

import stnb as st
from stnb._core.errors import CurvatureMismatch, InvalidValue, NonFiniteValue
from stnb.geometry import Ball, BallParameter, RiemannianSGD
from stnb.nn import prepare

RATES = {"curvature": -1.0, "hyper_rate": 0.05, "flat_rate": 0.1}


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Conv1d(1, 2, 3), torch.nn.Flatten()
    )


def loss_of(net, x):
    return net[0](x).tanh().square().sum() + net[2](x[:, None, :]).square().sum()


class Points(torch.nn.Module):
    """Two rows of a ball, and a flat scale."""

    def __init__(self, curvature=-1.0):
        super().__init__()
        self.points = BallParameter(torch.tensor([[0.2, 0.1], [-0.5, 0.3]]), Ball(curvature))
        self.scale = torch.nn.Parameter(torch.tensor(2.0))

    def forward(self):
        return self.scale * (self.points * torch.tensor([[0.2, -0.6], [1.0, 0.5]])).sum()


def test_flat_parameters_move_as_gradient_descent_moves_them():
    ours, theirs = network(), network()
    prepared = prepare(ours, **RATES)
    optimizer = torch.optim.SGD(theirs.parameters(), lr=0.1)
    for seed in range(3):
        x = torch.randn(4, 3, generator=torch.Generator().manual_seed(seed))
        for net in (ours, theirs):
            loss_of(net, x).backward()
        prepared.step()
        optimizer.step()
        optimizer.zero_grad()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-7)
        assert mine.grad is None


def test_points_move_along_geodesics_and_the_rest_in_flat_space():
    module, other = Points(), Points()
    prepared = prepare(module, **RATES)
    assert repr(prepared) == "PreparedModule(Points: 1 tapes of the ball, 1 flat)"
    for each in (module, other):
        each().backward()
    RiemannianSGD([other.points], lr=0.05).step()
    prepared.step()
    torch.testing.assert_close(module.points.detach(), other.points.detach(), rtol=1e-5, atol=1e-6)
    assert module.scale.item() == pytest.approx(2.0 - 0.1 * other.scale.grad.item())


def test_several_backward_passes_are_one_step():
    module = Points()
    prepared = prepare(module, mode="euclidean", **RATES)
    for _ in range(3):
        module().backward()
        prepared.accumulate()
    assert prepared["scale"].gradient() == pytest.approx([3 * module().item() / 2])
    before = module.points.detach().clone()
    prepared.zero()
    prepared.step()
    torch.testing.assert_close(module.points.detach(), before, rtol=0, atol=0)


def test_preparing_again_drops_what_was_gathered():
    module = Points()
    first = prepare(module, **RATES)
    module().backward()
    first.accumulate()
    second = prepare(module, **RATES)
    assert second["points"] is not first["points"]
    assert second["points"].summary().l2() == 0


def test_frozen_and_shared_parameters():
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    net[1].weight = net[0].weight
    net[0].bias.requires_grad_(False)
    assert list(prepare(net, **RATES)) == ["0.weight", "1.bias"]


def test_rows_of_any_parameter_can_be_points_by_request():
    net = torch.nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[0.2, 0.1], [3.0, 4.0]]))
    prepared = prepare(net, mode="riemannian", topos=st.OpenTopos(-1.0, saturation=2.0), **RATES)
    net(torch.ones(1, 2)).sum().backward()
    prepared.step()
    assert net.weight.detach().norm(dim=1).max() < 1
    assert prepared["weight"].topos().saturation() == 2.0


def test_a_gradient_that_is_not_finite_changes_nothing():
    module = Points()
    prepared = prepare(module, **RATES)
    module().backward()
    module.points.grad[1, 1] = float("nan")
    before = copy.deepcopy(module.state_dict())
    with pytest.raises(NonFiniteValue, match="the gradient of points"):
        prepared.step()
    assert prepared["scale"].summary().l2() == 0
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_sparse_gradients_are_gathered():
    table = torch.nn.Embedding(6, 2, sparse=True)
    before = table.weight.detach().clone()
    prepared = prepare(table, **RATES)
    table(torch.tensor([1, 1, 4])).sum().backward()
    prepared.step()
    moved = (before - table.weight.detach())[:, 0]
    assert moved.tolist() == pytest.approx([0, 0.2, 0, 0, 0.1, 0], abs=1e-6)


@pytest.mark.parametrize(
    ("module", "error", "words"),
    [
        ([torch.nn.Linear(1, 1)], TypeError, "of type list; give a torch.nn.Module"),
        (torch.nn.Linear(1, 1).double(), TypeError, r"weight is torch.float64 .* call module.float\(\)"),
        (Points(-2.0), CurvatureMismatch, "-1.0.*points.*-2.0"),
    ],
)
def test_what_is_refused(module, error, words):
    with pytest.raises(error, match=words):
        prepare(module, **RATES)


def test_unknown_modes_and_names_are_explained():
    with pytest.raises(InvalidValue, match="did you mean 'euclidean'"):
        prepare(torch.nn.Linear(1, 1), mode="euclid", **RATES)
    with pytest.raises(KeyError, match="did you mean 'weight'"):
        prepare(torch.nn.Linear(1, 1), **RATES)["wieght"]


def test_a_session_prepares_with_its_own_settings():
    topos = st.OpenTopos(-2.0, saturation=5.0)
    session = st.SpiralSession(
        curvature=-2.0, hyper_learning_rate=0.3, fallback_learning_rate=0.02, topos=topos
    )
    prepared = session.prepare_module(Points(-2.0))
    assert prepared["points"].learning_rate() == 0.3
    assert prepared["points"].topos() == topos
    assert prepared["scale"].learning_rate() == 0.02
    projector = st.nn.ZSpaceProjector(session.topos(), st.LanguageWaveEncoder(-2.0, 0.5))
    assert len(session.prepare_module(projector)) == 0
