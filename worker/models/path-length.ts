const harmonicNumbers: number[] = [0];

function harmonic(n: number): number {
  for (let i = harmonicNumbers.length; i <= n; i += 1)
    harmonicNumbers[i] = (harmonicNumbers[i - 1] ?? 0) + 1 / i;
  return harmonicNumbers[n] ?? 0;
}

/**
 * c(n), the mean length of an unsuccessful search in a binary search tree of n keys: 2 H(n − 1) − 2 (n − 1) / n.
 * Equation 1 of Liu, Ting and Zhou 2008, with the exact harmonic number in place of its logarithm, which is off by 85 % at
 * n = 2. 0 for n of at most 1.
 */
export function averagePathLength(n: number): number {
  return n <= 1 ? 0 : 2 * harmonic(n - 1) - (2 * (n - 1)) / n;
}
