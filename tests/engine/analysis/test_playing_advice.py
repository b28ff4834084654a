from msgspec.structs import replace
from training_runs import JUDGE, MAKER, a_gan, two_heads

from engine.analysis.playing_advice import advise_players
from engine.graph.edits import set_learning
from engine.project.templates import all_templates, open_template


def test_two_sides_that_share_an_optimiser_are_told_until_two_take_turns() -> None:
    alone = a_gan(players=())

    (problem,) = advise_players(alone.graph, alone.recipe)

    (fix,) = problem.fixes
    turned = replace(alone.recipe, **fix.settings)
    assert len(turned.players) == 2
    (next_step,) = advise_players(alone.graph, turned)
    assert turned.players[1].name in next_step.title


def test_an_optimiser_is_told_until_something_belongs_to_it() -> None:
    gan = a_gan()
    orphaned = set_learning(gan.graph, list(gan.graph.nodes), "player", JUDGE.name)

    assert not list(advise_players(gan.graph, gan.recipe))
    (problem,) = advise_players(orphaned, gan.recipe)
    assert MAKER.name in problem.title


def test_several_losses_of_one_side_are_no_matter_of_turns() -> None:
    project = two_heads()

    assert not list(advise_players(project.graph, project.recipe))


def test_no_project_that_ships_is_advised() -> None:
    for template in all_templates():
        project = open_template(template.key)
        assert not list(advise_players(project.graph, project.recipe)), template.key
