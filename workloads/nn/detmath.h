/* Transcendental functions in binary64 that give the same bits on every machine: additions, multiplications, divisions
   and integer operations only.  libm's may differ from version to version, and a run's bits must not. */
#ifndef PCS_WORKLOADS_NN_DETMATH_H
#define PCS_WORKLOADS_NN_DETMATH_H

#ifdef __cplusplus
extern "C" {
#endif

/* e^x within 1 ulp for -708 <= x <= 709; 0 below, infinity above; NaN stays. */
double pcs_det_exp(double x);

/* Natural logarithm within 1 ulp of a normal, finite x > 0.  Any other x is the caller's mistake (asserted). */
double pcs_det_log(double x);

/* cos(pi x) and sin(pi x), |x| <= 2^20, within 2 ulp (of 1/4 where they are smaller); exact at multiples
   of 1/2, so that the middle of a precision cycle is a tie where the formula says it is. */
double pcs_det_cospi(double x);
double pcs_det_sinpi(double x);

#ifdef __cplusplus
}
#endif
#endif
