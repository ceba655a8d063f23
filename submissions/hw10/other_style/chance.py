# Helpers for the random parts.
import random

import torch


class Casino:
    """One evening plays all its games, whether the money is made or not."""

    def __init__(self, p, q, start, goal):
        self.p, self.q, self.start, self.goal = p, q, start, goal

    def play(self, n_games):
        money, weight, won, broke = self.start, 1.0, False, False
        for _ in range(n_games):
            if random.random() < self.q:
                money, weight = money + 1, weight * self.p / self.q
            else:
                money, weight = money - 1, weight * (1 - self.p) / (1 - self.q)
            broke = broke or (money == 0 and not won)
            won = won or (money == self.goal and not broke)
        return weight if won else 0.0


class Gaussian:
    """N(mu, exp(2 tau)) with gradients."""

    def __init__(self, mu, tau):
        self.mu = torch.tensor(float(mu), dtype=torch.float64, requires_grad=True)
        self.tau = torch.tensor(float(tau), dtype=torch.float64, requires_grad=True)

    def log_density(self, x):
        return torch.distributions.Normal(self.mu, self.tau.exp()).log_prob(x)

    def penalty(self):
        return (self.mu - 1) ** 2 / 2 + self.tau.exp() - self.tau

    def gradient(self, value):
        value.backward()
        return torch.stack([self.mu.grad, self.tau.grad])
