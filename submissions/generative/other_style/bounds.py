# Questions 3 and 4 with torch.
import torch


def entropy_like(weights, values):
    return torch.xlogy(weights, values).sum()


def elbo(p_xz, law):
    p_xz, law = torch.tensor(p_xz), torch.tensor(law)
    return entropy_like(law, p_xz) - entropy_like(law, law)


def posterior_gap(p_xz, law):
    p_xz, law = torch.tensor(p_xz), torch.tensor(law)
    return entropy_like(law, law) - entropy_like(law, p_xz / p_xz.sum())


def larger_gap():
    return "Amortized"


class Refined:
    """Grows the sums of weights sample by sample."""

    def __init__(self, p_xz, law):
        self.p, self.law = torch.tensor(p_xz), torch.tensor(law)
        self.w = self.p / self.law
        self.sums = torch.zeros(1, dtype=torch.float64)
        self.chance = torch.ones(1, dtype=torch.float64)

    def add_sample(self):
        self.sums = torch.cartesian_prod(self.sums, self.w).reshape(-1, 2).sum(1)
        self.chance = torch.cartesian_prod(self.chance, self.law).reshape(-1, 2).prod(1)
        return self

    def law_of_z(self, samples):
        shares = self.w[:, None] / (self.w[:, None] + self.sums)
        return samples * self.law * (shares * self.chance).sum(1)


def refined_proposal(p_xz, law, samples):
    refined = Refined(p_xz, law)
    for _ in range(samples - 1):
        refined.add_sample()
    return refined.law_of_z(samples).tolist()
