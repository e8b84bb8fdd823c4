"""The model of six units (see README.md) in SimPy, as one writes it there: a process for each thing that fails.

    python3 -m venv target/simpy && target/simpy/bin/pip install simpy==4.1.2
    target/simpy/bin/python benches/simpy_yardstick.py [YEARS]

It prints nanoseconds of processor time per event, and what it found, to compare with `cargo bench --bench ratios`.
"""

import random
import sys
import time

import simpy

HOUR = 3_600.0
DAY = 24 * HOUR
YEAR = 365 * DAY
ZONES = 3
UNITS_PER_ZONE = 2
REQUIRED = 4


class Service:
    """What is up, and since when too little is."""

    def __init__(self, env):
        self.env = env
        self.units = [UNITS_PER_ZONE] * ZONES
        self.zones = [True] * ZONES
        self.region = True
        self.events = 0
        self.lost = 0.0
        self.incidents = 0
        self.down_since = None

    def changed(self):
        self.events += 1
        usable = sum(n for n, up in zip(self.units, self.zones) if up)
        serves = self.region and usable >= REQUIRED
        if not serves and self.down_since is None:
            self.down_since = self.env.now
            self.incidents += 1
        elif serves and self.down_since is not None:
            self.lost += self.env.now - self.down_since
            self.down_since = None

    def unit_turns(self, zone, up):
        self.units[zone] += 1 if up else -1
        self.changed()

    def zone_turns(self, zone, up):
        self.zones[zone] = up
        self.changed()

    def region_turns(self, up):
        self.region = up
        self.changed()


def alternates(env, random_numbers, mttf, mttr, turn):
    """Up for an exponential time, then down for another."""
    while True:
        yield env.timeout(random_numbers.expovariate(1 / mttf))
        turn(False)
        yield env.timeout(random_numbers.expovariate(1 / mttr))
        turn(True)


def year(seed):
    env = simpy.Environment()
    random_numbers = random.Random(seed)
    service = Service(env)

    def start(mttf, mttr, turn):
        env.process(alternates(env, random_numbers, mttf, mttr, turn))

    for zone in range(ZONES):
        for _ in range(UNITS_PER_ZONE):
            start(60 * DAY, 600.0, lambda up, zone=zone: service.unit_turns(zone, up))
        start(2 * YEAR, 2 * HOUR, lambda up, zone=zone: service.zone_turns(zone, up))
    start(4 * YEAR, 3 * HOUR, service.region_turns)
    env.run(until=YEAR)
    if service.down_since is not None:
        service.lost += YEAR - service.down_since
    return service


def main():
    years = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    begun = time.process_time()
    services = [year(seed) for seed in range(years)]
    seconds = time.process_time() - begun
    events = sum(service.events for service in services)
    lost = sum(service.lost for service in services)
    incidents = sum(service.incidents for service in services)
    print(f"{seconds / events * 1e9:,.0f} ns per event, SimPy {simpy.__version__}, Python {sys.version.split()[0]}")
    print(f"{events / years:.1f} events, {lost / years:,.0f} s lost and {incidents / years:.3f} incidents a year")


if __name__ == "__main__":
    main()
