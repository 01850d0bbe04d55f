"""How learning goes over from generated recordings to real N-MNIST, and back: the figures in docs/events.md.

Run: `uv run python docs/plots/saccade_learning.py`; needs what `saccades.py` needs.
"""

import numpy as np
import torch
from saccades import DIGITS, FITTED, SIZE, generated, real_recordings

from hpbench.data.images.mnist import load_mnist
from hpbench.frames.representation import RepresentationSettings, represent


def main() -> None:
    """Learn on one half of the digits and test on the other, and the other way round."""
    torch.set_num_threads(1)
    complete = load_mnist("mnist", None, print)
    labels = complete.train_labels
    parts = {"real": frames(real_recordings()), "generated": frames(generated(complete, 0, DIGITS))}
    halves = [np.arange(FITTED), np.arange(FITTED, DIGITS)]
    for name, learner in (("nearest class mean", class_means), ("net", net)):
        for learnt, inputs in parts.items():
            found = [learner(inputs[half], labels[half]) for half in halves]
            for tested, others in parts.items():
                scores = [
                    one(others[half], labels[half]) for one, half in zip(found, halves[::-1], strict=True)
                ]
                print(
                    f"{name}, {learnt} to {tested}: {np.mean(scores):.3f} {np.round(scores, 3)}", flush=True
                )
    many = slice(DIGITS, DIGITS + 5000)
    more = frames(generated(complete, many.start, many.stop))
    for name, learner in (("nearest class mean", class_means), ("net", net)):
        tests = learner(more, labels[many])
        for tested, inputs in parts.items():
            print(f"{name}, 5,000 generated to {tested}: {tests(inputs, labels[:DIGITS]):.3f}", flush=True)


def frames(recordings):  # type: ignore[no-untyped-def]
    """Ten frames of 31 ms: (N, 20, 34, 34)."""
    settings = RepresentationSettings(duration=310)
    counts = np.stack([represent(events, settings, SIZE) for events in recordings])
    return counts.reshape(len(counts), 20, *SIZE[:2]).astype(np.float32)


def class_means(inputs, labels):  # type: ignore[no-untyped-def]
    """Nearest class mean on frames; returns what tests it."""
    means = np.stack([inputs[labels == label].mean(0).ravel() for label in range(10)])

    def accuracy(inputs, labels):  # type: ignore[no-untyped-def]
        scores = 2 * inputs.reshape(len(inputs), -1) @ means.T - (means**2).sum(1)
        return float((scores.argmax(1) == labels).mean())

    return accuracy


def net(inputs, labels, updates=250, seeds=3):  # type: ignore[no-untyped-def]
    """Small convolutional nets on frames, one a seed; returns what tests them."""
    torch.set_num_threads(1)
    nets = []
    for seed in range(seeds):
        torch.manual_seed(seed)
        nets.append(
            torch.nn.Sequential(
                *(torch.nn.Conv2d(20, 24, 5, stride=2, padding=2), torch.nn.ReLU()),
                *(torch.nn.Conv2d(24, 32, 3, stride=2, padding=1), torch.nn.ReLU()),
                *(torch.nn.Flatten(), torch.nn.Dropout(0.3), torch.nn.Linear(32 * 81, 10)),
            )
        )
        optimizer = torch.optim.Adam(nets[-1].parameters(), 1e-3)
        for _ in range(updates):
            batch = torch.randint(len(inputs), (50,)).numpy()
            scores = nets[-1](torch.from_numpy(inputs[batch]))
            torch.nn.functional.cross_entropy(scores, torch.tensor(labels[batch])).backward()
            optimizer.step()
            optimizer.zero_grad()
        nets[-1].eval()

    @torch.no_grad()
    def accuracy(inputs, labels):  # type: ignore[no-untyped-def]
        found = [(one(torch.from_numpy(inputs)).argmax(1).numpy() == labels).mean() for one in nets]
        return float(np.mean(found))

    return accuracy


if __name__ == "__main__":
    main()
