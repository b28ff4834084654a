"""Properties of one layer, or of several at once."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.code_offer import code_offer
from app.document import Document, new_gesture
from app.inspector.banner import ProblemBanner
from app.inspector.data_part import DataPart, with_data_set
from app.inspector.editors import MIXED, SwitchEditor
from app.inspector.facts import LayerFacts, call_of
from app.inspector.form import ParamForm, Row, add_divider
from app.inspector.header import Header
from app.inspector.learning_part import LearningPart
from app.inspector.owner_part import OwnerPart
from app.inspector.sharing_part import SharingPart
from app.inspector.values import (
    axes_differ,
    results_of,
    shared_fields,
    shown_value,
    with_value,
)
from app.theme import ThemeManager
from app.widgets import Button, FlowText, SectionTitle
from engine.analysis.free_sizes import with_free_sizes
from engine.analysis.insides import category_of
from engine.analysis.report import NodeReport
from engine.analysis.sees import sees_on_level
from engine.graph.composites import definition_of
from engine.graph.edits import set_frozen, set_params
from engine.graph.elements import Graph, Node, NodeId
from engine.graph.own_layers import kind_of
from engine.graph.sharing import set_repeat
from engine.training.changes import is_soft
from nodes.catalogue import kind_named
from nodes.io import Data
from nodes.own_layer import OWN_LAYER
from nodes.params import Field

if TYPE_CHECKING:
    from engine.data.spec import DataSpec

_KEPT_FORMS = 12
_FROZEN_HELP = (
    "Keeps the weights as they are while the rest of the network trains. "
    "For layers that are already trained."
)

_SHARED_HELP = "All rounds of a repeated layer use the same weights."


class LayerView(QWidget):
    """A form made for the kinds of the selected layers; kept while these stay the same."""

    code_requested = Signal(str)
    """The code of a layer of one's own is wanted: its name."""

    fix_chosen = Signal(object)
    """A ``Fix`` of the level on show is to be carried out."""

    fix_pointed_at = Signal(object)
    """The change of a ``Fix`` is to be shown on the drawing; None where that of no fix is."""

    def __init__(self, document: Document, theme: ThemeManager) -> None:
        super().__init__()
        self._document = document
        self._nodes: tuple[NodeId, ...] = ()
        self._made_for: tuple[tuple[object, ...], ...] = ()
        self._fields: dict[str, Field] = {}
        self._form: ParamForm | None = None
        self._forms: OrderedDict[tuple[object, ...], ParamForm] = OrderedDict()
        self._is_editable = True
        self._extra_actions: Sequence[QAction] = ()
        self._header = Header()
        self._banner = ProblemBanner()
        self._banner.fix_chosen.connect(self.fix_chosen)
        self._banner.fix_pointed_at.connect(self.fix_pointed_at)
        self._code = Button("", icon_name="code", extent="small")
        self._code.clicked.connect(self._on_code)
        self._form_place = QVBoxLayout()
        self._data = DataPart()
        self._data.chosen.connect(self._on_data_set_chosen)
        self._data.freed.connect(self._on_freed)
        self._unknown = FlowText("")
        self._owner = OwnerPart(document)
        self._sharing = SharingPart(document)
        self._training = self._made_training()
        self._facts = LayerFacts(theme)
        self._reset = QAction(self.tr("Set all defaults"), self)
        self._reset.triggered.connect(self._set_defaults)
        self._copy = QAction(self.tr("Copy call"), self)
        self._copy.triggered.connect(self._copy_call)
        self._build()

    def show_nodes(self, nodes: Sequence[NodeId]) -> None:
        """Show these layers."""
        self._nodes = tuple(nodes)
        graph = self._document.graph
        kinds = tuple(_form_key(graph, graph.nodes[node]) for node in nodes)
        if kinds != self._made_for:
            self._made_for = kinds
            self._make_form()
        self.refresh()

    def refresh(self) -> None:
        """Show what the document says now."""
        nodes = self._selected()
        if not nodes:
            return
        self._show_header(nodes)
        self._show_code(nodes)
        self._show_values(nodes)
        self._show_problems(nodes)
        self._show_training(nodes)
        report = self._document.report.nodes.get(nodes[0].id)
        is_single = len(nodes) == 1 and report is not None and not self._is_data(nodes)
        self._facts.setVisible(is_single)
        if is_single and report is not None:
            self._show_facts(nodes[0].id, report)
            self._copy.setEnabled(bool(call_of(report)))

    def _show_facts(self, node: NodeId, report: NodeReport) -> None:
        document = self._document
        sees = sees_on_level(document.model_report, document.path).get(node, ())
        self._facts.show_report(report, document.report.node_in_letters(node), sees)

    def set_actions(self, actions: Sequence[QAction]) -> None:
        """Put more actions into the menu of the header."""
        self._extra_actions = tuple(actions)

    def actions_offered(self) -> list[QAction]:
        """What the menu in the header holds for the selected layers."""
        own = [self._reset, self._copy] if len(self._nodes) == 1 else [self._reset]
        return [*self._extra_actions, *own]

    def set_editable(self, *, editable: bool) -> None:
        """Let everything be changed, or only what a run takes from its next step on."""
        self._is_editable = editable
        for part in (self._data, self._owner, self._sharing, self._shared_row, self._banner):
            part.setEnabled(editable)
        self._learning.set_editable(editable=editable)
        self._reset.setEnabled(editable)
        if self._form is not None:
            self._form.setEnabled(self._takes_values())

    def focus_first(self) -> None:
        """Put the keyboard into the first parameter."""
        if self._form is not None:
            self._form.focus_first()

    def focus_learning(self) -> bool:
        """Put the keyboard into how weights begin; False where there are none."""
        return self._learning.focus_initialiser()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._header)
        column.addSpacing(4)
        column.addWidget(self._banner)
        column.addWidget(self._code, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._unknown)
        column.addWidget(self._data)
        column.addLayout(self._form_place)
        column.addWidget(self._owner)
        column.addWidget(self._sharing)
        column.addWidget(self._training)
        column.addWidget(self._facts)

    def _made_training(self) -> QWidget:
        part = QWidget()
        self._frozen = SwitchEditor(self.tr("Frozen"))
        self._frozen.committed.connect(self._on_frozen)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        add_divider(column)
        column.addWidget(SectionTitle(self.tr("Training")))
        column.addWidget(Row(self.tr("Frozen"), self._frozen, self.tr(_FROZEN_HELP)))
        self._learning = LearningPart(self._document)
        column.addWidget(self._learning)
        self._shared = SwitchEditor(self.tr("Share weights"))
        self._shared.committed.connect(self._on_shared)
        self._shared_row = Row(self.tr("Share weights"), self._shared, self.tr(_SHARED_HELP))
        column.addWidget(self._shared_row)
        return part

    def _make_form(self) -> None:
        nodes = self._selected()
        fields = shared_fields(self._document.graph, nodes)
        if fields and axes_differ(nodes):
            fields = tuple(field for field in fields if field.editor != "span")
        is_data = self._is_data(nodes)
        self._fields = {f.name: f for f in fields if not (is_data and f.name == "dataset")}
        self._data.setVisible(is_data)
        if self._form is not None:
            self._form.hide()
        self._form = self._form_for(nodes) if self._fields else None
        if self._form is None:
            return
        if self._wants_unfolded(nodes):
            self._form.set_unfolded(unfolded=True)
        self._form.setEnabled(self._takes_values())
        self._form.show()

    def _takes_values(self) -> bool:
        return self._is_editable or all(is_soft(node.kind) for node in self._selected())

    def _form_for(self, nodes: Sequence[Node]) -> ParamForm:
        """Return the form of some kinds; making one takes longer than a frame, so it is kept."""
        graph = self._document.graph
        kinds = (frozenset(_form_key(graph, node) for node in nodes), tuple(self._fields))
        if kinds in self._forms:
            self._forms.move_to_end(kinds)
            return self._forms[kinds]
        layer = kind_of(graph, nodes[0])
        assert layer is not None, "only known kinds share parameters"
        form = ParamForm(layer, tuple(self._fields.values()), unfolded=False)
        form.committed.connect(self._on_committed)
        self._form_place.addWidget(form)
        self._forms[kinds] = form
        if len(self._forms) > _KEPT_FORMS:
            _, oldest = self._forms.popitem(last=False)
            oldest.setParent(None)
            oldest.deleteLater()
        return form

    def _wants_unfolded(self, nodes: Sequence[Node]) -> bool:
        advanced = {name for name, field in self._fields.items() if field.param.advanced}
        return any(name in node.params for node in nodes for name in advanced)

    def _selected(self) -> list[Node]:
        graph = self._document.graph
        return [graph.nodes[node] for node in self._nodes if node in graph.nodes]

    def _is_data(self, nodes: Sequence[Node]) -> bool:
        return len(nodes) == 1 and kind_named(nodes[0].kind) is Data

    def _show_header(self, nodes: Sequence[Node]) -> None:
        self._header.set_actions(self.actions_offered())
        if len(nodes) == 1:
            node = nodes[0]
            graph = self._document.graph
            layer = kind_of(graph, node)
            title = node.title or _kind_title(graph, node)
            place = _place(graph, node, is_kind_told=bool(node.title))
            info = layer.info if layer is not None else None
            found = self._document.report.nodes.get(node.id)
            if info is not None and found is not None and found.layer is not None:
                info = replace(info, category=category_of(found))
            self._header.show_words(title, place, kind=node.kind, info=info)
            return
        kinds = Counter(_kind_title(self._document.graph, node) for node in nodes)
        words = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        first = kind_named(nodes[0].kind)
        info = first.info if len(kinds) == 1 and first is not None else None
        self._header.show_words(
            self.tr("{0} layers").format(len(nodes)), words, kind=nodes[0].kind, info=info
        )

    def _show_code(self, nodes: Sequence[Node]) -> None:
        """Offer the code of a layer of one's own: to be edited, or to be judged first."""
        is_own = len(nodes) == 1 and nodes[0].kind == OWN_LAYER
        words = code_offer(self._document.graph, nodes[0].definition if is_own else "")
        self._code.setVisible(bool(words))
        self._code.setText(words)

    def _show_values(self, nodes: Sequence[Node]) -> None:
        is_unknown = any(kind_named(node.kind) is None for node in nodes)
        borrows = any(node.shares is not None for node in nodes)
        has_rows = (self._form is not None and not borrows) or self._is_data(nodes)
        self._unknown.setVisible(not has_rows)
        self._unknown.set_words(
            self.tr("This version does not know the layer; it is kept as it came.")
            if is_unknown
            else self.tr("These layers have no settings in common.")
            if len(nodes) > 1
            else self.tr("Its parameters are those of the layer whose weights it uses.")
            if borrows
            else self.tr("Nothing to set here.")
        )
        if self._form is not None:
            self._form.setVisible(not borrows)
            self._form.show_values(
                {name: shown_value(nodes, field) for name, field in self._fields.items()}
            )
            results = results_of(nodes, self._fields.values(), self._document.report.values)
            self._form.show_results(results, takes_formulas=bool(self._document.path))
        report = self._document.report.nodes.get(nodes[0].id)
        if self._is_data(nodes) and report is not None and isinstance(report.layer, Data):
            self._data.show_data(report.layer)

    def _show_problems(self, nodes: Sequence[Node]) -> None:
        problems = [p for node in nodes for p in self._document.problems_of(node.id)]
        below = {
            problem.port: f"{problem.title}. {problem.text}".strip()
            for problem in problems
            if problem.port in self._fields and problem.code.startswith("LL-P")
        }
        if self._form is not None:
            self._form.show_problems(below)
        above = [problem for problem in problems if problem.port not in below]
        self._banner.show_problem(above[0] if above and len(nodes) == 1 else None)

    def _show_training(self, nodes: Sequence[Node]) -> None:
        reports = self._document.report.nodes
        learns = any(
            node.frozen or (node.id in reports and reports[node.id].parameters > 0)
            for node in nodes
        )
        self._training.setVisible(learns)
        states = {node.frozen for node in nodes}
        self._frozen.set_value(states.pop() if len(states) == 1 else MIXED)
        self._learning.show_nodes(nodes, self._subject())
        self._owner.show_nodes(nodes, self._subject())
        self._sharing.show_node(nodes[0] if len(nodes) == 1 else None, self._subject())
        self._shared_row.setVisible(all(node.repeat != 1 for node in nodes))
        shares = {node.share_weights for node in nodes}
        self._shared.set_value(shares.pop() if len(shares) == 1 else MIXED)

    def _on_committed(self, name: str, value: object, gesture: int) -> None:
        field = self._fields[name]
        label = self._label(field.param.label)
        nodes = self._nodes
        self._document.edit(
            label, lambda graph: with_value(graph, nodes, field, value), gesture=gesture
        )
        self.refresh()

    def _on_frozen(self, frozen: bool) -> None:
        nodes = self._nodes
        label = self.tr("Freeze {0}") if frozen else self.tr("Unfreeze {0}")
        self._document.edit(
            label.format(self._subject()), lambda graph: set_frozen(graph, nodes, frozen=frozen)
        )

    def _on_shared(self, shared: bool) -> None:
        nodes = self._nodes

        def change(graph: Graph) -> Graph:
            for node in nodes:
                times = graph.nodes[node].repeat
                graph = set_repeat(graph, [node], times, share_weights=shared)
            return graph

        label = self.tr("Share weights of {0}") if shared else self.tr("Part weights of {0}")
        self._document.edit(label.format(self._subject()), change)

    def _on_data_set_chosen(self, spec: DataSpec) -> None:
        node = self._nodes[0]
        self._document.edit(
            self.tr("Use {0}").format(spec.title),
            lambda graph: with_data_set(graph, node, spec),
            gesture=new_gesture(),
        )

    def _on_freed(self, letters: tuple[str, ...], step: int) -> None:
        node, told = self._nodes[0], self.tr(" and ").join(letters)
        label = self.tr("Set {0} free") if step else self.tr("Keep {0} as it is")
        self._document.edit(
            label.format(told), lambda graph: with_free_sizes(graph, node, letters, step)
        )

    def _on_code(self) -> None:
        self.code_requested.emit(self._selected()[0].definition)

    def _set_defaults(self) -> None:
        nodes, names = self._nodes, [f.name for f in self._fields.values() if not f.required]

        def change(graph: Graph) -> Graph:
            for node in nodes:
                if graph.nodes[node].params.keys() & set(names):
                    graph = set_params(graph, node, dict.fromkeys(names))
            return graph

        self._document.edit(self.tr("Set defaults of {0}").format(self._subject()), change)

    def _copy_call(self) -> None:
        report = self._document.report.nodes.get(self._nodes[0])
        if report is not None:
            QGuiApplication.clipboard().setText(call_of(report))

    def _label(self, parameter: str) -> str:
        return self.tr("{0} of {1}").format(parameter, self._subject())

    def _subject(self) -> str:
        nodes = self._selected()
        if len(nodes) != 1:
            return self.tr("{0} layers").format(len(nodes))
        return nodes[0].title or _kind_title(self._document.graph, nodes[0])


def _place(graph: Graph, node: Node, *, is_kind_told: bool) -> str:
    frame = next((frame for frame in graph.frames if node.id in frame.nodes), None)
    words = f"{_kind_title(graph, node)} · {node.name}" if is_kind_told else node.name
    return f"{words} in {frame.title}" if frame is not None else words


def _form_key(graph: Graph, node: Node) -> tuple[object, ...]:
    """Return what the form of a node depends on."""
    definition = definition_of(graph, node)
    parameters = tuple(map(repr, definition.parameters.items())) if definition else ()
    text = graph.code.get(node.definition, "") if node.kind == OWN_LAYER else ""
    return node.kind, node.definition, parameters, text


def _kind_title(graph: Graph, node: Node) -> str:
    definition = definition_of(graph, node)
    if definition is not None:
        return definition.name
    layer = kind_of(graph, node)
    return layer.info.title if layer is not None else node.kind
