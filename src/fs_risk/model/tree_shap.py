"""Exact Shapley contributions of grown trees, faster than LightGBM's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fs_risk.features.threads import in_blocks
from fs_risk.model.tree_shap_kernels import AS_ZERO, LANES, LEFT, RIGHT, add_contributions

BLOCK = 256
"""Rows explained at once: their contributions and a tree's tables stay close at hand."""

_COLUMNS = {
    "feature": np.uint32,
    "threshold": np.float64,
    "if_missing": np.uint32,
    "above": np.uint32,
    "same": np.uint32,
    "share": np.float64,
    "before": np.float64,
    "leaf": np.bool_,
    "value": np.float64,
}
"""What the kernel reads of each question."""

_NONE, _NAN = 0, 2
"""LightGBM's kinds of missing value that are read: none, and not a number."""


@dataclass(frozen=True)
class _Tree:
    """One tree, as LightGBM writes it; leaves are negative, from -1 on."""

    feature: np.ndarray
    threshold: np.ndarray
    decision: np.ndarray
    children: np.ndarray
    count: np.ndarray
    leaf_value: np.ndarray
    leaf_count: np.ndarray

    def covered(self, node: int) -> float:
        """Count the training rows that reach a node or leaf."""
        return float(self.count[node] if node >= 0 else self.leaf_count[~node])

    def valued(self, node: int) -> float:
        """Give the value of a leaf; 0 of a node."""
        return 0.0 if node >= 0 else float(self.leaf_value[~node])

    def expected(self) -> float:
        """Give the mean value of its leaves over the training rows."""
        if len(self.leaf_value) == 1:
            return float(self.leaf_value[0])
        return float(self.leaf_count @ self.leaf_value / self.leaf_count.sum())


class UnreadTreesError(ValueError):
    """Trees of a kind that is left to LightGBM."""


class Forest:
    """Grown trees, laid out question by question for `add_contributions`.

    A leaf's Shapley value for a feature is an integral over [0, 1] of a polynomial of
    one degree less than there are features on the leaf's path [1]_; Gauss-Legendre
    quadrature with half as many nodes as features is exact. One pass down a tree keeps
    products along the paths at the nodes, one pass up adds subtrees together.

    Parameters
    ----------
    text : str
        LightGBM's text form.

    Raises
    ------
    UnreadTreesError
        If a tree asks about categories, has lines in its leaves or takes zero for missing.

    References
    ----------
    .. [1] Lundberg et al., "From local explanations to global understanding with
       explainable AI for trees", Nature Machine Intelligence 2 (2020), algorithm 2;
       the weights are Beta integrals.
    """

    def __init__(self, text: str) -> None:
        trees = list(_read(text))
        self.base = sum(tree.expected() for tree in trees)
        laid = [_lay_out(tree) for tree in trees if len(tree.leaf_value) > 1]
        widths = [-(-each.depth // (2 * LANES)) * LANES for each in laid]
        self._points = _quadrature(max(widths, default=LANES))
        self._widths = np.array(widths, dtype=np.uint64)
        self._starts = np.cumsum([0, *(len(each.feature) for each in laid)]).astype(np.uint64)
        self._asked: dict[str, np.ndarray] = {
            name: np.array([item for each in laid for item in getattr(each, name)], dtype=dtype)
            for name, dtype in _COLUMNS.items()
        }

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Give each feature's exact contribution to the score in log-odds, base last.

        Parameters
        ----------
        matrix : ndarray of float, shape (n, n_features)
            NaN where not known.

        Returns
        -------
        ndarray of float64, shape (n, n_features + 1)
        """
        found = np.zeros((len(matrix), matrix.shape[1] + 1))
        found[:, -1] = self.base
        if len(self._widths):
            in_blocks(lambda a, b: self._add(matrix[a:b], found[a:b]), len(matrix), size=BLOCK)
        return found

    def _add(self, rows: np.ndarray, found: np.ndarray) -> None:
        asked = self._asked
        add_contributions(
            rows,
            self._starts,
            self._widths,
            asked["feature"],
            asked["threshold"],
            asked["if_missing"],
            asked["above"],
            asked["same"],
            asked["share"],
            asked["before"],
            asked["leaf"],
            asked["value"],
            self._points,
            found,
        )


def _read(text: str) -> Iterator[_Tree]:
    """Read the trees out of LightGBM's text."""
    for block in re.split(r"^Tree=\d+\n", text.split("end of trees")[0], flags=re.MULTILINE)[1:]:
        parts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if int(parts.get("num_cat", 0)) or int(parts.get("is_linear", 0)):
            raise UnreadTreesError("only trees that ask about numbers, with one value a leaf")
        leaves = int(parts["num_leaves"])

        def numbers(name: str, dtype: type, parts: dict[str, str] = parts) -> np.ndarray:
            return np.array(parts[name].split() if name in parts else [], dtype=dtype)

        decision = numbers("decision_type", np.int64)
        if not np.isin(decision >> 2 & 3, (_NONE, _NAN)).all():
            raise UnreadTreesError("zero is taken for missing")
        yield _Tree(
            feature=numbers("split_feature", np.int32),
            threshold=numbers("threshold", np.float64),
            decision=decision,
            children=np.column_stack(
                [numbers("left_child", np.int64), numbers("right_child", np.int64)]
            ),
            count=numbers("internal_count", np.float64),
            leaf_value=numbers("leaf_value", np.float64),
            leaf_count=numbers("leaf_count", np.float64) if leaves > 1 else np.ones(1),
        )


@dataclass
class _Questions:
    """The questions of one tree, those above before those below."""

    feature: list[int]
    threshold: list[float]
    if_missing: list[int]
    above: list[int]
    same: list[int]
    share: list[tuple[float, float]]
    leaf: list[tuple[bool, bool]]
    value: list[tuple[float, float]]
    before: list[float]
    depth: int = 0


def _lay_out(tree: _Tree) -> _Questions:
    """List a tree's questions, with what its training rows say of each."""
    laid = _Questions([], [], [], [], [], [], [], [], [])
    # a question, the branch it hangs from, and by feature the last branch with its share
    todo: list[tuple[int, int, dict[int, tuple[int, float]]]] = [(0, 0, {})]
    while todo:
        node, above, asked = todo.pop()
        feature, decision = int(tree.feature[node]), int(tree.decision[node])
        same, before = asked.get(feature, (0, 1.0))
        left, right = (int(child) for child in tree.children[node])
        share = tuple(tree.covered(child) / tree.covered(node) for child in (left, right))
        laid.feature.append(feature)
        laid.threshold.append(float(tree.threshold[node]))
        laid.if_missing.append(_missing_goes(decision))
        laid.above.append(above)
        laid.same.append(same)
        laid.share.append((share[0], share[1]))
        laid.leaf.append((left < 0, right < 0))
        laid.value.append((tree.valued(left), tree.valued(right)))
        laid.before.append(before)
        for branch, child in enumerate((left, right), start=2 * len(laid.feature) - 1):
            path = {**asked, feature: (branch, before * share[(branch + 1) % 2])}
            laid.depth = max(laid.depth, len(path))
            if child >= 0:
                todo.append((child, branch, path))
    return laid


def _missing_goes(decision: int) -> int:
    if decision >> 2 & 3 == _NONE:
        return AS_ZERO
    return LEFT if decision & 2 else RIGHT


def _quadrature(most: int) -> np.ndarray:
    """Give places and weights of Gauss-Legendre quadrature on [0, 1], as the kernel reads them."""
    points = np.zeros((most + 1, 3, most))
    for width in range(1, most + 1):
        at, weight = np.polynomial.legendre.leggauss(width)
        points[width, :, :width] = (at + 1.0) / 2.0, weight / 2.0, -weight / (1.0 - at)
    return points
