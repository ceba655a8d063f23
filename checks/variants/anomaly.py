"""Known right and known wrong versions of `anomaly`."""

from __future__ import annotations

import math
import statistics
from typing import Any

import numpy as np
import torch

from grader import right, slip


@right("torch's mean and std", of="anomaly_threshold")
def threshold_torch(ll: Any) -> Any:
    return torch.mean(ll) - 3 * torch.std(ll)


@right("NumPy functions, which take arrays only", of="anomaly_threshold")
def threshold_numpy(ll: Any) -> Any:
    return np.mean(ll) - 3 * np.std(ll)


@right("the mean of squares, in double precision", of="anomaly_threshold")
def threshold_squares(ll: Any) -> Any:
    x = np.array([float(v) for v in ll])
    mean = x.sum() / len(x)
    return mean - 3 * math.sqrt(((x - mean) ** 2).sum() / len(x))


@right("the statistics module", of="anomaly_threshold")
def threshold_statistics(ll: Any) -> Any:
    values = [float(v) for v in ll]
    return statistics.fmean(values) - 3 * statistics.stdev(values)


@right("torch.std_mean of a list of tensors, one entry", of="anomaly_threshold")
def threshold_stacked(ll: Any) -> Any:
    sd, mean = torch.std_mean(torch.stack(list(ll)), correction=0)
    return [(mean - 3 * sd).item()]


@right("the mean of a mask", of="type1_error")
def type1_mask(ll: Any, threshold: Any) -> Any:
    return (ll < threshold).float().mean()


@right("counting in a loop, those at the threshold as well", of="type1_error")
def type1_loop(ll: Any, threshold: Any) -> Any:
    count = 0
    for value in ll:
        if value <= threshold:
            count += 1
    return count / len(ll)


@right("NumPy's mean, which takes arrays only", of="type1_error")
def type1_numpy(ll: Any, threshold: Any) -> Any:
    return np.mean(ll < threshold)


@right("selected values", of="type1_error")
def type1_selected(ll: Any, threshold: Any) -> Any:
    return len(ll[ll < threshold]) / ll.shape[0]


@right("one less the share of detections", of="type2_error")
def type2_complement(ll: Any, threshold: Any) -> Any:
    return 1 - (ll < threshold).sum().item() / len(ll)


@right("torch.count_nonzero", of="type2_error")
def type2_count(ll: Any, threshold: Any) -> Any:
    return torch.count_nonzero(torch.as_tensor(ll) >= threshold) / torch.as_tensor(ll).numel()


@right("a sorted search", of="type2_error")
def type2_search(ll: Any, threshold: Any) -> Any:
    ordered = np.sort(np.asarray(ll))
    return float(len(ordered) - np.searchsorted(ordered, threshold, side="right")) / len(ordered)


@slip("mean + 3 sd instead of mean - 3 sd", of="anomaly_threshold")
def threshold_plus(ll: Any) -> Any:
    return ll.mean() + 3 * ll.std()


@slip("the variance instead of the standard deviation", of="anomaly_threshold")
def threshold_variance(ll: Any) -> Any:
    return ll.mean() - 3 * ll.var()


@slip("one standard deviation instead of three", of="anomaly_threshold")
def threshold_one(ll: Any) -> Any:
    return ll.mean() - ll.std()


@slip("two standard deviations instead of three", of="anomaly_threshold")
def threshold_two(ll: Any) -> Any:
    return ll.mean() - 2 * ll.std()


@slip("the standard deviation of the mean: divided by sqrt(n)", of="anomaly_threshold")
def threshold_error(ll: Any) -> Any:
    return ll.mean() - 3 * ll.std() / len(ll) ** 0.5


@slip("the mean absolute deviation instead of the standard deviation", of="anomaly_threshold")
def threshold_absolute(ll: Any) -> Any:
    return ll.mean() - 3 * abs(ll - ll.mean()).mean()


@slip("the median instead of the mean", of="anomaly_threshold")
def threshold_median(ll: Any) -> Any:
    return torch.as_tensor(ll).quantile(0.5) - 3 * torch.as_tensor(ll).std()


@slip("the smallest log-likelihood", of="anomaly_threshold")
def threshold_smallest(ll: Any) -> Any:
    return ll.min()


@slip("only the mean", of="anomaly_threshold")
def threshold_mean(ll: Any) -> Any:
    return ll.mean()


@slip("only three standard deviations, without the mean", of="anomaly_threshold")
def threshold_no_mean(ll: Any) -> Any:
    return -3 * ll.std()


@slip(
    "the root mean square instead of the standard deviation: the mean is not taken out",
    of="anomaly_threshold",
)
def threshold_square(ll: Any) -> Any:
    return ll.mean() - 3 * (ll**2).mean() ** 0.5


@slip("computed from likelihoods instead of their logarithms", of="anomaly_threshold")
def threshold_likelihoods(ll: Any) -> Any:
    return torch.exp(torch.as_tensor(ll)).mean() - 3 * torch.exp(torch.as_tensor(ll)).std()


@slip("type I and type II are swapped", of="type1_error")
def type1_swapped(ll: Any, threshold: Any) -> Any:
    return float((ll >= threshold).sum()) / len(ll)


@slip("a number of images instead of a rate", of="type1_error")
def type1_number(ll: Any, threshold: Any) -> Any:
    return int((ll < threshold).sum())


@slip("percent instead of a rate in [0, 1]", of="type1_error")
def type1_percent(ll: Any, threshold: Any) -> Any:
    return 100 * float((ll < threshold).sum()) / len(ll)


@slip("divided by n - 1", of="type1_error")
def type1_one_less(ll: Any, threshold: Any) -> Any:
    return float((ll < threshold).sum()) / (len(ll) - 1)


@slip("integer division: 0 or 1", of="type1_error")
def type1_integer(ll: Any, threshold: Any) -> Any:
    return int((ll < threshold).sum()) // len(ll)


@slip("values far above count as anomalies as well", of="type1_error")
def type1_two_sided(ll: Any, threshold: Any) -> Any:
    return float((abs(ll - ll.mean()) > ll.mean() - threshold).sum()) / len(ll)


@slip("the threshold is computed anew from these data", of="type1_error")
def type1_own_threshold(ll: Any, threshold: Any) -> Any:
    return float((ll < ll.mean() - 3 * ll.std()).sum()) / len(ll)


@slip("type I and type II are swapped", of="type2_error")
def type2_swapped(ll: Any, threshold: Any) -> Any:
    return float((ll < threshold).sum()) / len(ll)


@slip("a number of images instead of a rate", of="type2_error")
def type2_number(ll: Any, threshold: Any) -> Any:
    return int((ll >= threshold).sum())


@slip("percent instead of a rate in [0, 1]", of="type2_error")
def type2_percent(ll: Any, threshold: Any) -> Any:
    return 100 * float((ll >= threshold).sum()) / len(ll)


@slip("divided by n + 1", of="type2_error")
def type2_one_more(ll: Any, threshold: Any) -> Any:
    return float((ll >= threshold).sum()) / (len(ll) + 1)


@slip("misses as a share of detections instead of all", of="type2_error")
def type2_odds(ll: Any, threshold: Any) -> Any:
    return float((ll >= threshold).sum()) / max(int((ll < threshold).sum()), 1)


@slip("the threshold is not used: log-likelihoods above 0", of="type2_error")
def type2_above_zero(ll: Any, threshold: Any) -> Any:
    return float((ll >= 0).sum()) / len(ll)
