"""The corruptions of MNIST-C and CIFAR-10-C, with the published constants of each severity."""
