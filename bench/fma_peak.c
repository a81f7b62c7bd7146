/* Multiplications and additions a second that one core can do: independent chains of fma that stay
   in registers. Built and called by bench_wilson_cowan.py. */
typedef float lanes __attribute__((vector_size(64)));

/* Floating-point operations done. */
double fma_chains(long rounds, float *out) {
  enum { chains = 24 };
  lanes sum[chains], factor, term;
  for (int l = 0; l < 16; ++l) {
    factor[l] = 0.999f;
    term[l] = 0.001f * (float)(l + 1);
  }
  for (int c = 0; c < chains; ++c) sum[c] = term * (float)c;
  for (long i = 0; i < rounds; ++i) {
#pragma GCC unroll 24
    for (int c = 0; c < chains; ++c) sum[c] = sum[c] * factor + term;
  }
  for (int c = 0; c < chains; ++c) *out += sum[c][0];
  return 2.0 * 16.0 * chains * (double)rounds;
}
