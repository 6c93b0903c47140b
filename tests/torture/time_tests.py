"""T20: the wall clock jumps."""
import time

from stand import Stand, say

DAY = 86400.0
YEAR = 365.25 * DAY


def clock_jumps(options, seed):
    """T20: a day and ten years back and forth, to 1970 and past 2038: order by number, no timer storm, nothing lost."""
    with Stand(options, seed, shim=True) as stand:
        stand.start()
        now = time.time()
        jumps = [DAY, -DAY, 10 * YEAR, -10 * YEAR, -now + 60, 2 ** 31 - now + 60, 0]
        for jump in jumps:
            stand.shim.jump(jump)
            before = cpu_seconds(stand.rig.processes["gateway"].child.pid)
            stand.churn(options.seconds(3))
            used = (cpu_seconds(stand.rig.processes["gateway"].child.pid) - before) / options.seconds(3)
            assert used < 0.5, f"the gateway spins after a jump of {jump:.0f} s: {used:.0%} of a processor"
        say(f"{len(jumps)} jumps")
        verdict = stand.verdict()
        stand.check_order()
        return verdict


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
