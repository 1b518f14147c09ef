"""Each kind of advice fires on a model that is made to go wrong, and goes out when that is cured."""

import math

import pytest
import torch
from torch import nn

from stnb._core.errors import BackgroundError, InputError
from stnb.session.watch import watch
from tests.session.watch.runs import Bowl, cnn, deep_sigmoids, mlp, roll, train, watched


def kinds(w):
    return {advice.kind for advice in w.advice()}


def sgd(rate, **options):
    return lambda parameters: torch.optim.SGD(parameters, rate, **options)


def test_exploding__of_a_learning_rate_beyond_the_stable_one_and_cured():
    bowl = Bowl([1.0, 1.0])
    optimizer = torch.optim.SGD(bowl.parameters(), 2.2)
    with watch(bowl, optimizer, every=1) as w:
        roll(w, bowl, optimizer, 30)
        (found,) = [advice for advice in w.advice() if advice.kind == "exploding" and advice.layer is None]
        assert found.value > found.threshold > 1.0
        assert found.since_step < 30
        optimizer.param_groups[0]["lr"] = 0.9
        roll(w, bowl, optimizer, 60)
        assert kinds(w) == set()


def test_exploding__gradients_without_any_loss():
    bowl = Bowl([1.0, 1.0])
    optimizer = torch.optim.SGD(bowl.parameters(), 4.0)
    with watch(bowl, optimizer, every=1) as w:
        for _ in range(12):
            optimizer.zero_grad()
            bowl().backward()
            optimizer.step()
        (found,) = [advice for advice in w.advice() if advice.kind == "exploding"]
    assert found.layer == "Bowl"
    assert "gradient of Bowl" in found.what


def test_exploding__of_a_network_with_a_wild_learning_rate():
    w, *_, heard = watched(mlp, sgd(30.0), 40)
    assert "exploding" in {kind for kind, _ in heard}
    w.stop()


def test_exploding__nan_is_a_gap_and_advice_and_is_over_twenty_steps_later():
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.0)
    heard = []
    with watch(model, optimizer, every=1) as w:
        w.on_advice(heard.append)
        for number in range(30):
            optimizer.zero_grad()
            loss = model(torch.ones(1, 2)).sum() ** 2 * (math.nan if number == 5 else 1.0)
            loss.backward()
            optimizer.step()
            w.step(loss)
            if number in (5, 20):
                assert "exploding" in kinds(w)
                assert math.isnan(w.history["loss"][5])
            if number == 5:
                layers = {advice.layer for advice in w.advice()}
                with torch.no_grad():
                    for parameter in model.parameters():
                        parameter.fill_(0.5)
        assert "exploding" not in kinds(w)
    assert layers == {None, "Linear"}
    assert [advice.since_step for advice in heard if advice.kind == "exploding"] == [5, 5]
    assert math.isnan(w.layer_history("Linear")["grad_norm"][5])


def test_vanishing__in_the_first_of_many_sigmoids_and_cured():
    w, model, optimizer, heard = watched(deep_sigmoids, sgd(0.1), 40)
    assert ("vanishing", "0") in heard
    assert ("vanishing", "20") not in heard
    (first,) = [advice for advice in w.advice() if advice.layer == "0"]
    assert 0 <= first.value < first.threshold
    for place, part in enumerate(model):
        if isinstance(part, nn.Sigmoid):
            model[place] = nn.ReLU()
        else:
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
    train(w, model, optimizer, 4)
    assert "vanishing" not in kinds(w)
    w.stop()


def test_vanishing__dead_units_have_no_gradient_at_all():
    model = mlp()
    with torch.no_grad():
        model[2].bias.fill_(-1e3)
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    with watch(model, optimizer, every=1) as w:
        train(w, model, optimizer, 20)
        dead = {advice.layer: advice.value for advice in w.advice() if advice.kind == "vanishing"}
    assert dead == {"0": 0.0, "2": 0.0}


@pytest.mark.parametrize("make", [mlp, cnn])
def test_stalled__without_a_learning_rate_and_cured(make):
    w, model, optimizer, heard = watched(make, sgd(0.0), 60)
    assert set(heard) == {("stalled", None)}
    assert w.advice()[0].value == 0.0
    optimizer.param_groups[0]["lr"] = 0.1
    train(w, model, optimizer, 30)
    assert kinds(w) == set()
    w.stop()


def test_stalled__of_outputs_that_are_saturated():
    model = nn.Sequential(nn.Linear(16, 4), nn.Sigmoid())
    with torch.no_grad():
        model[0].bias.fill_(60.0)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with watch(model, optimizer, every=1) as w:
        heard = train(w, model, optimizer, 60, loss_of=lambda out, y: ((out - 0.3) ** 2).mean())
    assert "stalled" in {kind for kind, _ in heard}


def test_stalled__labels_that_do_not_belong_to_the_inputs_and_cured():
    torch.manual_seed(0)
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), 1e-3)
    rng = torch.Generator().manual_seed(1)

    def shuffled(out, y):
        return nn.functional.cross_entropy(out, torch.randint(0, 4, y.shape, generator=rng))

    with watch(model, optimizer, every=4) as w:
        heard = train(w, model, optimizer, 400, loss_of=shuffled)
        assert "stalled" in {kind for kind, _ in heard}
        optimizer.param_groups[0]["lr"] = 0.05
        train(w, model, optimizer, 100)
        assert kinds(w) == set()


def test_oscillating__on_a_valley_that_is_leapt_across_and_cured():
    bowl = Bowl([1.0, 1e-3])
    optimizer = torch.optim.SGD(bowl.parameters(), 2.0)
    with watch(bowl, optimizer, every=1) as w:
        roll(w, bowl, optimizer, 40)
        (found,) = w.advice()
        assert found.kind == "oscillating"
        assert found.value < -0.99
        optimizer.param_groups[0]["lr"] = 0.5
        roll(w, bowl, optimizer, 40)
        assert kinds(w) == set()


def test_oscillating__of_a_loss_that_goes_up_and_down():
    class Skew(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.tensor([1.1]))

        def forward(self):
            return (self.w**4 / 4 - self.w**2 / 2 + 0.5).sum()

    model = Skew()
    optimizer = torch.optim.SGD(model.parameters(), 1.1)
    with watch(model, optimizer, every=10_000) as w:
        roll(w, model, optimizer, 80)
        (found,) = w.advice()
        assert (found.kind, found.what[:27]) == ("oscillating", "the loss goes up and down i")
        optimizer.param_groups[0]["lr"] = 0.05
        roll(w, model, optimizer, 70)
        assert kinds(w) == set()


def test_on_advice__a_callback_that_fails_does_not_stop_the_training():
    bowl = Bowl([1.0])
    optimizer = torch.optim.SGD(bowl.parameters(), 3.0)

    def fail(advice):
        raise ZeroDivisionError("told you")

    w = watch(bowl, optimizer, every=1).start()
    w.on_advice(fail)
    roll(w, bowl, optimizer, 30)
    with pytest.raises(BackgroundError, match="told you"):
        w.__exit__(None, None, None)
    assert len(w.history) == 30
    with pytest.raises(InputError, match="callable"):
        w.on_advice("loud")


def test_advice__reads_well_and_goes_into_a_dict():
    bowl = Bowl([1.0])
    optimizer = torch.optim.SGD(bowl.parameters(), 3.0)
    with watch(bowl, optimizer, every=1) as w:
        roll(w, bowl, optimizer, 30)
    for advice in w.advice():
        assert str(advice).startswith(f"{advice.kind} since step {advice.since_step}: ")
        assert set(advice.as_dict()) == {"kind", "layer", "since_step", "value", "threshold", "what", "do"}
        assert "{" not in str(advice)
