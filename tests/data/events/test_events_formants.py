"""Generated words: the filter bank and the firing against literal loops, and what the set is made of."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hpbench.data.events.spoken.formants import (
    LEARNED,
    RATE,
    STEP,
    UNHEARD,
    WORDS,
    Sounds,
    energies,
    fired,
    formant_words,
    word,
)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10**6), steps=st.integers(1, 12), channels=st.integers(1, 5))
def test_a_channel_fires_when_its_integral_passes_a_whole_number(
    seed: int, steps: int, channels: int
) -> None:
    random = np.random.RandomState(seed)
    energy, phase = 6 * random.random_sample((steps, channels)), random.random_sample(channels)
    expected = []
    for channel in range(channels):
        integral = phase[channel]
        for step in range(steps):
            after = integral + energy[step, channel] * RATE * STEP / 1000
            for whole in range(math.floor(integral) + 1, math.floor(after) + 1):
                share = (whole - integral) / (after - integral)
                expected.append((1000 * STEP * (step + share), channel))
            integral = after
    found = fired(energy, phase)
    assert len(found) == len(expected)
    assert found["p"].all()
    for (time, _), own in zip(sorted(expected), found["t"].tolist(), strict=True):
        assert abs(time - own) <= 1 + 1e-6
    by_channel = np.bincount(found["x"], minlength=channels)
    assert by_channel.tolist() == [sum(one == channel for _, one in expected) for channel in range(channels)]
    assert (np.diff(found["t"].astype(np.int64)) >= 0).all()


def test_energies_are_those_of_the_literal_loop() -> None:
    spoken = Sounds(
        np.array([[300.0, 900.0, 2500.0], [700.0, 1200.0, 2100.0], [500.0, 1500.0, 3000.0]]),
        np.array([1.0, 0.8, 1.2]),
        np.array([0.0, 0.7, 0.0]),
        np.array([60.0, 50.0, 40.0]),
    )
    channels = np.geomspace(100, 8000, 9)
    found = energies(spoken, channels)
    middles, ends = [30.0, 85.0, 130.0], 150.0
    assert found.shape == (30, 9)
    for step in range(30):
        time = step * STEP
        at = [np.interp(time, middles, one) for one in (spoken.loudness, spoken.noise)]
        loud = at[0] * min(1, time / 30, (ends - time) / 30)
        for place, channel in enumerate(channels):
            energy = at[1] * math.exp(-0.5 * (math.log2(channel / 5000) * 2) ** 2)
            for formant, share in zip(range(3), (1.0, 0.7, 0.4), strict=True):
                centre = np.interp(time, middles, spoken.formants[:, formant])
                energy += (1 - at[1]) * share * math.exp(-0.5 * (math.log2(channel / centre) * 6) ** 2)
            assert math.isclose(
                found[step, place], math.log(1 + 4 * energy * loud) / math.log(5), abs_tol=1e-12
            )


def test_the_set_has_every_word_by_every_speaker_and_unheard_ones_in_the_test_part() -> None:
    data = formant_words(64, 11)
    assert (data.name, data.classes, len(data.train), len(data.test)) == (
        "formant_words_64_11",
        11,
        1100,
        440,
    )
    for source, speakers in ((data.train, LEARNED), (data.test, LEARNED + UNHEARD)):
        said = source.said  # type: ignore[attr-defined]
        assert {tuple(one) for one in said.tolist()} == {
            (one, speaker) for one in range(11) for speaker in range(speakers)
        }
        assert source.labels.tolist() == said[:, 0].tolist()
    assert formant_words(700, WORDS).name == "formant_words_700"


def test_an_utterance_is_the_same_in_whatever_order_it_is_asked_for() -> None:
    data = formant_words(64, 11)
    together = data.train.chunk(20, 25)
    for number, own in enumerate(together, 20):
        assert np.array_equal(data.train.chunk(number, number + 1)[0], own)
    assert not np.array_equal(data.train.chunk(0, 1)[0], data.test.chunk(0, 1)[0])
    assert all(len(one) > 50 and int(one["x"].max()) < 64 for one in together)
    assert data.train.sha256 != formant_words(64, 10).train.sha256


def test_words_differ_from_each_other_more_than_their_utterances_do() -> None:
    """Nearest class mean over ten steps and sixteen bands, 110 utterances: far above chance, not perfect."""
    data = formant_words(64, 11)

    def bands(source: object, start: int, stop: int) -> np.ndarray:
        return np.array(
            [
                np.histogram2d(one["t"], one["x"], (10, 16), ((0, 1e6), (0, 64)))[0].ravel()
                for one in source.chunk(start, stop)  # type: ignore[attr-defined]
            ]
        )

    learned, tested = bands(data.train, 0, 220), bands(data.test, 330, 440)
    means = np.stack([learned[data.train.labels[:220] == one].mean(0) for one in range(11)])
    found = ((tested[:, None] - means) ** 2).sum(2).argmin(1)
    assert 0.4 < (found == data.test.labels[330:440]).mean() < 1


def test_words_are_always_the_same() -> None:
    word.cache_clear()
    first = word(3)
    word.cache_clear()
    assert all(np.array_equal(*pair) for pair in zip(first, word(3), strict=True))
    assert len({len(word(one).durations) for one in range(WORDS)}) > 1
