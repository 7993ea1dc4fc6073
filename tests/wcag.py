"""What axe-core finds wrong with a page by WCAG 2.2 AA."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def faults(page, place: str | None = ".rr") -> list[str]:
    """Faults of a part of a page, or of all of it: rule, element, and why."""
    found = Axe().run(page, context=place, options=RULES).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]
