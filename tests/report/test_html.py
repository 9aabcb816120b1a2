"""report.html: well-formed, self-contained, nothing from a model's names becomes markup, the picture is to scale."""

import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from embedc.driver import Compiled, Request, compile_model
from embedc.emit.golden import Golden
from embedc.execution.measure import Measured
from embedc.manifest import ModelInfo
from embedc.report.chart import HEIGHT, LEFT, PLOT, memory_chart
from embedc.report.html import report_html
from embedc.targets.load import load_target
from tests.emit.small_models import convolutional, elementwise
from tests.emit.test_names import hostile_model

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Collects tags and text; a tag closed out of turn is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def cnn() -> Compiled:
    return compile_model(Request(convolutional(), load_target("c"), "cnn"))


def page(compiled: Compiled) -> Page:
    found = Page(compiled.files["report.html"].decode())
    assert not found.open
    return found


def test_the_page_stands_alone(cnn: Compiled) -> None:
    found = page(cnn)
    assert not [tag for tag, _ in found.tags if tag in ("script", "link", "img", "iframe")]
    links = [a["href"] for tag, a in found.tags if tag == "a"]
    assert links
    targets = {a.get("id") for _, a in found.tags}
    assert all(link and link[1:] in targets for link in links)
    assert "http" not in cnn.files["report.html"].decode().replace("https://", "http://")


def test_every_layer_and_its_candidates_are_told(cnn: Compiled) -> None:
    text = " ".join(page(cnn).text)
    for step in cnn.plan.program.steps:
        assert step.layer.name in text
    for lines in cnn.plan.program.explain.values():
        assert all(line in text for line in lines)
    for kind in ("counted", "proved" if cnn.plan.bounds.proved else "counted", "not measured"):
        assert kind in text


def test_measured_figures_say_so(cnn: Compiled) -> None:
    measured = Measured("gcc", 12345, 700, 456)
    text = report_html(cnn.plan, cnn.policy, ModelInfo("m.onnx", "0" * 64), Golden(), measured).decode()
    assert "12,345 bytes with tables, by gcc" in text
    assert "456 bytes, without libm" in text


def test_names_do_not_become_markup() -> None:
    compiled = compile_model(Request(hostile_model(), load_target("c"), "net"))
    found = page(compiled)
    assert "{{ name }}" in " ".join(found.text)
    evil = convolutional()
    evil.graph.node[0].name = evil.graph.node[1].name = "<script>alert(1)</script>\u202e"
    evil.graph.output[0].name = evil.graph.node[-1].output[0] = '"><img src=x>'
    found = page(compile_model(Request(evil, load_target("c"), "net")))
    assert not [tag for tag, _ in found.tags if tag in ("script", "img")]
    assert "<script>alert(1)</script>" in "".join(found.text)


def test_the_picture_is_to_scale(cnn: Compiled) -> None:
    chart = memory_chart(cnn.plan)
    assert chart
    assert len(chart.buffers) == len(cnn.plan.offsets)
    column, unit = PLOT / len(cnn.plan.program.steps), HEIGHT / cnn.plan.size
    drawn = {(b.x, b.width, b.y + b.height) for b in chart.buffers}
    for buffer, (first, last) in cnn.plan.live.items():
        left, width = LEFT + first * column, (last - first + 1) * column
        bottom = chart.base - cnn.plan.offsets[buffer] * unit
        assert any(abs(x - left) + abs(w - width) + abs(b - bottom) < 0.1 for x, w, b in drawn), buffer.name
    assert chart.peak.step == cnn.plan.bounds.step
    assert chart.bound.at == pytest.approx(chart.base - cnn.plan.bounds.lower * unit, abs=0.01)
    assert all(chart.top - 0.02 <= b.y for b in chart.buffers)


def test_the_picture_is_well_formed(cnn: Compiled) -> None:
    text = cnn.files["report.html"].decode()
    picture = text[text.index("<svg") : text.index("</svg>") + 6]
    assert ET.fromstring(picture).tag == "svg"


def test_without_scratch_there_is_no_picture() -> None:
    compiled = compile_model(Request(elementwise(), load_target("c"), "net"))
    assert ("<svg" in compiled.files["report.html"].decode()) == bool(compiled.plan.size)
