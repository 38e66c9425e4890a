"""Were people joined wrongly, and are the suggestions worth a look? Labelled pairs say what is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.labelled import Pair


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the pairs: how many were joined by nobody's decision, and how good the suggestions are."""

    false_merges: list[str]
    true_merges: int
    same: int
    others: int
    by_score: dict[str, dict[str, float]]


def judge(pairs: Sequence[Pair]) -> Verdict:
    """Looks for suggestions among everybody, and compares with the truth. Writes suggestions, decides nothing."""
    from customers import suggestions
    from customers.models import Customer, MatchSuggestion

    suggestions.refresh_recent(minutes=24 * 60)
    roots = dict(Customer.objects.values_list("pk", "root_id"))
    scores = {frozenset((a, b)): score for a, b, score in MatchSuggestion.objects.values_list("a", "b", "score")}
    joined = [pair for pair in pairs if roots[pair.one] == roots[pair.other]]
    apart = [pair for pair in pairs if roots[pair.one] != roots[pair.other]]
    found = [(pair, scores.get(frozenset((roots[pair.one], roots[pair.other])), 0.0)) for pair in apart]
    return Verdict(
        false_merges=[pair.kind for pair in joined if not pair.is_same],
        true_merges=sum(pair.is_same for pair in joined),
        same=sum(pair.is_same for pair in pairs),
        others=sum(not pair.is_same for pair in pairs),
        by_score={str(least): _quality(found, least) for least in (0.5, 0.6, 0.7, 0.85, 0.9)},
    )


def _quality(found: Sequence[tuple[Pair, float]], least: float) -> dict[str, float]:
    """Of the pairs that were left to people, at this score and above."""
    offered = [pair for pair, score in found if score >= least]
    right, wanted = sum(pair.is_same for pair in offered), sum(pair.is_same for pair, _ in found)
    precision, recall = right / max(len(offered), 1), right / max(wanted, 1)
    return {"offered": len(offered), "precision": round(precision, 3), "recall": round(recall, 3)}
