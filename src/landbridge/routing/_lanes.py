"""Rows of eight doubles relaxed in vector registers.

numba leaves loops over eight lanes scalar: it cannot know that two rows of one array do not overlap. These intrinsics
hold the row under way in a register. LLVM maps the vectors to whatever the processor has.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils as _cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import make_array as _make_array

LANES = 8  # sources per sweep: one row of 8 doubles is one cache line
cgutils: Any = _cgutils  # untyped in numba
make_array: Any = _make_array
ROW = ir.VectorType(ir.DoubleType(), LANES)
ENTRY = ir.VectorType(ir.IntType(64), LANES)


def _data(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return make_array(kind)(context, builder, array).data


def _row(builder: Any, data: Any, k: Any, kind: Any) -> Any:
    """Address of row k as a vector of its kind."""
    offset = builder.mul(k, ir.Constant(ir.IntType(64), LANES))
    return builder.bitcast(builder.gep(data, [offset]), kind.as_pointer())


def _splat(builder: Any, value: Any, kind: Any) -> Any:
    """A vector with one value in all lanes."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), zeros)


def _relax_from_above(typing: Any, dist: Any, k: Any, head: Any, length: Any, begin: Any, end: Any) -> Any:
    """dist[k] = min(dist[k], dist[head[i]] + length[i]) for i from begin to end - 1, lane by lane."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        rows, heads, lengths = (_data(context, builder, kinds[i], args[i]) for i in (0, 2, 3))
        here = _row(builder, rows, args[1], ROW)
        least = cgutils.alloca_once_value(builder, builder.load(here, align=8))
        with cgutils.for_range_slice(builder, args[4], args[5], ir.Constant(ir.IntType(64), 1)) as (i, _):
            above = builder.sext(builder.load(builder.gep(heads, [i])), ir.IntType(64))
            there = builder.load(_row(builder, rows, above, ROW), align=8)
            way = builder.fadd(there, _splat(builder, builder.load(builder.gep(lengths, [i])), ROW))
            now = builder.load(least)
            builder.store(builder.select(builder.fcmp_ordered("<", way, now), way, now), least)
        builder.store(builder.load(least), here, align=8)
        return context.get_dummy_value()

    return types.none(dist, types.int64, head, length, types.int64, types.int64), code


def _relax_from_above_tracked(
    typing: Any, dist: Any, over: Any, k: Any, head: Any, length: Any, begin: Any, end: Any
) -> Any:
    """As `relax_from_above`; over[k] gets the i that lowered each lane last, -1 where none did."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        rows, entries, heads, lengths = (_data(context, builder, kinds[i], args[i]) for i in (0, 1, 3, 4))
        here = _row(builder, rows, args[2], ROW)
        least = cgutils.alloca_once_value(builder, builder.load(here, align=8))
        entry = cgutils.alloca_once_value(builder, ir.Constant(ENTRY, [-1] * LANES))
        with cgutils.for_range_slice(builder, args[5], args[6], ir.Constant(ir.IntType(64), 1)) as (i, _):
            above = builder.sext(builder.load(builder.gep(heads, [i])), ir.IntType(64))
            there = builder.load(_row(builder, rows, above, ROW), align=8)
            way = builder.fadd(there, _splat(builder, builder.load(builder.gep(lengths, [i])), ROW))
            now = builder.load(least)
            less = builder.fcmp_ordered("<", way, now)
            builder.store(builder.select(less, way, now), least)
            builder.store(builder.select(less, _splat(builder, i, ENTRY), builder.load(entry)), entry)
        builder.store(builder.load(least), here, align=8)
        builder.store(builder.load(entry), _row(builder, entries, args[2], ENTRY), align=8)
        return context.get_dummy_value()

    return types.none(dist, over, types.int64, head, length, types.int64, types.int64), code


def _relax_upwards(typing: Any, dist: Any, k: Any, head: Any, length: Any, begin: Any, end: Any) -> Any:
    """dist[head[i]] = min(dist[head[i]], dist[k] + length[i]) for i from begin to end - 1; no head is k."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = signature.args
        rows, heads, lengths = (_data(context, builder, kinds[i], args[i]) for i in (0, 2, 3))
        here = builder.load(_row(builder, rows, args[1], ROW), align=8)
        with cgutils.for_range_slice(builder, args[4], args[5], ir.Constant(ir.IntType(64), 1)) as (i, _):
            above = builder.sext(builder.load(builder.gep(heads, [i])), ir.IntType(64))
            there = _row(builder, rows, above, ROW)
            way = builder.fadd(here, _splat(builder, builder.load(builder.gep(lengths, [i])), ROW))
            now = builder.load(there, align=8)
            builder.store(builder.select(builder.fcmp_ordered("<", way, now), way, now), there, align=8)
        return context.get_dummy_value()

    return types.none(dist, types.int64, head, length, types.int64, types.int64), code


# typed as Any: a kernel calls them without the typing context
relax_from_above: Any = intrinsic(_relax_from_above)
relax_from_above_tracked: Any = intrinsic(_relax_from_above_tracked)
relax_upwards: Any = intrinsic(_relax_upwards)
