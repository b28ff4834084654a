import os
from contextlib import closing

import psutil
import pytest
from own_texts import SCALED

from engine.own_layers.finder import Finder
from engine.own_layers.trust import trust
from nodes.catalogue import set_up
from nodes.errors import TrustError
from nodes.own_layer import Failed, Found, OwnLayer, Question, own_kind
from nodes.sizes import BATCH
from nodes.tensors import Inputs, TensorType

IMAGE = TensorType((BATCH, 3, 8, 8))
HEAD = "import os\nimport time\n\nfrom torch import Tensor\n\n\n"


def _question(text: str, **params: object) -> Question:
    layer = set_up(own_kind(text), params)
    assert isinstance(layer, OwnLayer)
    return layer.question(Inputs({"x": (IMAGE,)}))


def _children() -> list[psutil.Process]:
    # One that an earlier test left may have ended and not been waited for yet.
    found = [one for one in psutil.Process().children() if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in found if "engine.own_layers.process" in one.cmdline()]


@pytest.mark.slow
def test_a_layer_that_hangs_costs_only_the_process_that_layers_are_tried_in() -> None:
    asked = (
        f"{HEAD}def asked(x: Tensor, pid: int = 0) -> Tensor:\n"
        "    print('anything at all')\n"
        "    assert os.getpid() != pid\n"
        "    return x\n"
    )
    endless = f"{HEAD}def endless(x: Tensor) -> Tensor:\n    while True:\n        time.sleep(1)\n"
    fatal = f"{HEAD}def fatal(x: Tensor) -> Tensor:\n    os._exit(3)\n"
    trust([SCALED, asked, endless, fatal])

    with closing(Finder(limit=4.0)) as finder:
        assert finder.find(_question(SCALED)) == Found(types=(IMAGE,), parameters=3)
        assert finder.find(_question(asked, pid=os.getpid())) == Found(types=(IMAGE,))
        assert len(_children()) == 1
        stopped = finder.find(_question(endless))
        assert _children() == []
        ended = finder.find(_question(fatal))

    assert isinstance(stopped, Failed) and "does not come to an end" in stopped.title
    assert isinstance(ended, Failed) and ended.why == "It ended the process that it ran in."
    assert _children() == []


def test_what_is_not_trusted_never_reaches_the_process() -> None:
    finder = Finder()

    with pytest.raises(TrustError):
        finder.find(_question(SCALED))

    assert _children() == []
