"""The minimum sample: how many responses a survey needs for the size of its population."""

from prongsai.framework import Sample


def minimum_sample(sample: Sample, population: int) -> int:
    """The least number of responses for a population, by the year's rule."""
    if population > sample.cap_population_over:
        return sample.cap
    return min(population, max(sample.at_least, -(-population * sample.percent // 100)))
