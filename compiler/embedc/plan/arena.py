from embedc.plan.bound import stacks
from embedc.plan.conflicts import Conflicts, find_conflicts
from embedc.plan.exact import Exact
from embedc.plan.orders import orders
from embedc.plan.placement import Budget, Placement, place
from embedc.plan.problem import Problem, Solution
from embedc.plan.search import Search

import os
STARTS = 4
WORK = 100_000
WORK_PER_ITEM = 4000
CORES = (8, 12, 16, 24, 32, 48, 64)
F_START=int(os.environ.get("FS","4"))
F_EX=int(os.environ.get("FE","16"))
F_LS=int(os.environ.get("FL","16"))
MODE=os.environ.get("MODE","")

def plan(problem: Problem, effort: int = 1) -> Solution:
    conflicts = find_conflicts(problem)
    lower = max((stack.bytes for stack in stacks(problem)), default=0)
    total = effort * (WORK + WORK_PER_ITEM * len(problem.items))
    budget=Budget(total)
    search=Search(conflicts,budget)
    starts=_greedy(problem, conflicts, lower)
    best=starts[0]
    for s in starts[:STARTS]:
        if best.size>lower:
            best=min(best,search.improve(s,lower,total//F_START//STARTS),key=lambda p:p.size)
    while best.size>lower and budget.left>0:
        ring=_around(best,conflicts); before=best.size
        for count in dict.fromkeys(min(c,len(ring)) for c in CORES):
            core=ring[:count]
            e=Exact(_part(problem,core),best.size,budget)
            opt=e.run(lower,min(total//F_EX,budget.left))
            if opt: lower=max(lower,e.size)
            if e.order is None: break
            if budget.left<=0: break
            first=[core[i] for i in e.order]; s=set(first)
            st=place([*first,*(i for i in best.order if i not in s)],conflicts)
            im=search.improve(st,lower,min(total//F_LS,budget.left))
            if im.size<best.size: best=im; break
        if best.size==before and budget.left>0 and best.size>lower:
            best=search.improve(best,lower,min(total//F_LS,budget.left))
    return Solution({item.name: offset for item, offset in zip(problem.items, best.offsets, strict=True)}, best.size, lower)


def _around(b: Placement,c):
    top=[i for i in range(len(b.order)) if b.offsets[i]+c.sizes[i]==b.size]
    dist={i:0 for i in top}; q=list(top)
    for x in q:
        for f in c.forbidden[x]:
            if f.other not in dist: dist[f.other]=dist[x]+1; q.append(f.other)
    return sorted(dist,key=lambda i:(dist[i],-c.sizes[i]))

def _part(p,s):
    it=tuple(p.items[i] for i in s); nm={x.name for x in it}
    return Problem(it,tuple(o for o in p.overlaps if {o.early,o.late}<=nm),p.align)

def _greedy(problem: Problem, conflicts: Conflicts, target: int) -> list[Placement]:
    """A placement for each order, smallest first; no more once the target is met."""
    placements: list[Placement] = []
    for order in orders(problem):
        placements.append(place(order, conflicts))
        if placements[-1].size <= target:
            break
    return sorted(placements, key=lambda placement: placement.size)
