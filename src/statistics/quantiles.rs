//! Quantiles of the normal, Student t and binomial laws.
//!
//! t and binomial tails are both regularised incomplete beta functions. The function is evaluated here by its
//! continued fraction with the modified Lentz method (Press et al., Numerical Recipes, 3rd ed. 2007, section 5.2),
//! with the factor in front computed by the saddle-point expansion of C. Loader (2000), "Fast and accurate
//! computation of binomial probabilities", so that shapes of 1e9 lose no digits to differences of log-gammas
//! (the beta functions of `statrs` 0.19 are wrong there). The normal quantile is algorithm AS 241 of M. J. Wichura (1988),
//! Applied Statistics 37, 477-484.

use std::cell::Cell;
use std::f64::consts::PI;

/// Quantile of the standard normal law: the z below which a share `p` lies. `p` in [0, 1], with -infinity and
/// +infinity at the ends; not a number outside.
pub fn normal_quantile(p: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * rational(0.180_625 - q * q, CENTRE);
    }
    let tail = p.min(1.0 - p);
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 { rational(r - 1.6, NEAR_TAIL) } else { rational(r - 5.0, FAR_TAIL) };
    z.copysign(q)
}

/// Coefficients of AS 241 (`PPND16`): numerator and denominator, from the highest power down.
type Rational = [[f64; 8]; 2];

fn rational(x: f64, [over, under]: Rational) -> f64 {
    let polynomial = |coefficients: [f64; 8]| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    polynomial(over) / polynomial(under)
}

/// For p within 0.425 of one half.
const CENTRE: Rational = [
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
];

/// For a tail of at least exp(-25).
const NEAR_TAIL: Rational = [
    [
        7.745_450_142_783_414e-4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];

/// For a smaller tail.
const FAR_TAIL: Rational = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
];

/// Quantile of Student's t law with `df` degrees of freedom: the t below which a share `p` lies.
///
/// `p` in [0, 1], with -infinity and +infinity at the ends; `df` > 0, not necessarily whole, infinity meaning the
/// normal law. Not a number outside. Method: with x = df / (df + t^2), the two tails together hold
/// I_x(df/2, 1/2) (Abramowitz and Stegun 26.7.1, 26.5.27), which is solved for the logit of x. Sizes of t beyond
/// about 1e153 (one degree of freedom or fewer, p around 1e-150) saturate there.
pub fn t_quantile(p: f64, df: f64) -> f64 {
    thread_local! {
        /// The last one and what it was of: all intervals of a study ask for the same again.
        static LAST: Cell<[f64; 3]> = const { Cell::new([f64::NAN; 3]) };
    }
    let [last_p, last_df, last] = LAST.get();
    if (p, df) == (last_p, last_df) {
        return last;
    }
    let quantile = t_quantile_anew(p, df);
    LAST.set([p, df, quantile]);
    quantile
}

fn t_quantile_anew(p: f64, df: f64) -> f64 {
    if !(0.0..=1.0).contains(&p) || df.is_nan() || df <= 0.0 {
        return f64::NAN;
    }
    // Beyond this the two laws agree to all digits of a double.
    if df > 1e16 {
        return normal_quantile(p);
    }
    let both_tails = 2.0 * p.min(1.0 - p);
    let middle = (2.0 * p - 1.0).abs();
    let squared_over_df = if both_tails <= middle {
        libm::exp(-beta_quantile_logit(both_tails, df / 2.0, 0.5))
    } else {
        libm::exp(beta_quantile_logit(middle, 0.5, df / 2.0))
    };
    (squared_over_df * df).sqrt().copysign(p - 0.5)
}

/// P(B <= k) for B binomial with `n` trials of probability `p`, 0 < p < 1.
pub(super) fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    let (k, n) = (super::real(k), super::real(n));
    incomplete_beta(1.0 - p, p, n - k, k + 1.0)
}

/// Quantile of the beta law with shapes `a`, `b` > 0: the x with I_x(a, b) = p, given as both x and 1 - x, so that
/// neither loses digits. `p` in [0, 1].
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> (f64, f64) {
    logistic(beta_quantile_logit(p, a, b))
}

/// x and 1 - x for the logit ln(x / (1 - x)).
fn logistic(logit: f64) -> (f64, f64) {
    (1.0 / (1.0 + libm::exp(-logit)), 1.0 / (1.0 + libm::exp(logit)))
}

/// The logit of the x with I_x(a, b) = p: Newton's method on ln I, kept within a shrinking bracket by bisection.
fn beta_quantile_logit(p: f64, a: f64, b: f64) -> f64 {
    if p.is_nan() {
        return f64::NAN;
    } else if p <= 0.0 {
        return f64::NEG_INFINITY;
    } else if p >= 1.0 {
        return f64::INFINITY;
    }
    // Beyond these logits x or 1 - x is no longer a normal double.
    let (mut low, mut high) = (-708.0_f64, 708.0_f64);
    let mut logit = libm::log(a / b).clamp(low, high);
    let mut last_step = high - low;
    for _ in 0..200 {
        let (x, y) = logistic(logit);
        let share = incomplete_beta(x, y, a, b);
        if share < p {
            low = logit;
        } else {
            high = logit;
        }
        // d I / d logit = x^a y^b / B(a, b).
        let step = libm::log(p / share) * share / beta_power(x, y, a, b);
        let newton = logit + step;
        let next = if newton > low && newton < high && step.abs() < last_step.abs() * 0.75 {
            newton
        } else {
            low + (high - low) / 2.0
        };
        last_step = next - logit;
        logit = next;
        if last_step.abs() <= 4.0 * f64::EPSILON * logit.abs().max(1e-3) {
            break;
        }
    }
    logit
}

/// Regularised incomplete beta function I_x(a, b), with y = 1 - x given separately. Shapes > 0.
fn incomplete_beta(x: f64, y: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if y <= 0.0 {
        1.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        beta_power(x, y, a, b) * beta_fraction(x, y, a, b)
    } else {
        1.0 - beta_power(x, y, a, b) * beta_fraction(y, x, b, a)
    }
}

/// I_x(a, b) B(a, b) / (x^a y^b), for x below about a / (a + b): the continued fraction of A. R. DiDonato and A. H.
/// Morris (1992), ACM Transactions on Mathematical Software 18 (Algorithm 708, `BFRAC`), by the modified
/// Lentz method. It uses y where x is near 1, which the textbook fraction does not. Needs about sqrt(max(a, b))
/// rounds.
fn beta_fraction(x: f64, y: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let slack = a * y - b * x + 1.0;
    let mut c = away_from_zero(a * slack / (a + 1.0));
    let mut d = 0.0;
    let mut fraction = c;
    let rounds = 1_000 + (20.0 * a.max(b).sqrt()) as u64;
    for m in 1..=rounds {
        let m = super::real(m);
        let odd = a + 2.0 * m - 1.0;
        let along = m * (b - m) * x / odd;
        let over = (a + m - 1.0) * ((a + b + m - 1.0) / odd) * x * along;
        let under = m + along + (a + m) * (slack + m * (1.0 + y)) / (odd + 2.0);
        d = 1.0 / away_from_zero(under + over * d);
        c = away_from_zero(under + over / c);
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() <= 4.0 * f64::EPSILON {
            break;
        }
    }
    1.0 / fraction
}

/// x^a y^b / B(a, b), as a b / (a + b) times the binomial probability "a of a + b" continued to real arguments
/// (Loader 2000).
fn beta_power(x: f64, y: f64, a: f64, b: f64) -> f64 {
    let n = a + b;
    let exponent = stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
    (a * (b / n) / (2.0 * PI)).sqrt() * libm::exp(exponent)
}

/// ln z! minus Stirling's approximation (z + 1/2) ln z - z + ln sqrt(2 pi), for z > 0: the series in 1/z above 16,
/// and below that the recurrence up to it.
pub(super) fn stirling_error(mut z: f64) -> f64 {
    let mut carried = 0.0;
    while z < 16.0 {
        carried += (z + 0.5) * libm::log1p(z.recip()) - 1.0;
        z += 1.0;
    }
    let s = 1.0 / (z * z);
    let series = 1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)));
    carried + series / z
}

/// x ln(x / m) + m - x for x, m > 0, without cancellation where x is near m (Loader 2000, `bd0`).
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (libm::log(x) - libm::log(m)) + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    let mut odd = 1.0;
    loop {
        term *= v * v;
        odd += 2.0;
        let next = sum + term / odd;
        // |v| < 0.1, so a term is at most a hundredth of the one before; not a number ends the loop as well.
        if next == sum || next.is_nan() {
            return next;
        }
        sum = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::testing::{close, close_relative};

    /// 17 digits by mpmath: sqrt(2) erfinv(2 p - 1). The first is also the 1.960 of every printed table.
    #[test]
    fn normal_quantiles() {
        close_relative(normal_quantile(0.975), 1.959_963_984_540_054, 1e-14);
        close_relative(normal_quantile(0.995), 2.575_829_303_548_9, 1e-14);
        close_relative(normal_quantile(0.6), 0.253_347_103_135_799_7, 1e-14);
        close_relative(normal_quantile(1e-10), -6.361_340_902_404_056, 1e-14);
        close_relative(normal_quantile(1e-4), -3.719_016_485_455_681, 1e-14);
        for p in [1e-300, 1e-20, 1e-11, 0.02, 0.0749, 0.0751, 0.3, 0.9251, 0.98] {
            let other = -std::f64::consts::SQRT_2 * statrs::function::erf::erfc_inv(2.0 * p);
            close_relative(normal_quantile(p), other, 4e-15);
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan() && normal_quantile(f64::NAN).is_nan());
    }

    /// To three decimals: Fisher and Yates, Statistical Tables, table III (12.706, 4.303, 2.015, 2.228, 2.750, 1.980).
    /// All digits: `scipy.stats.t.ppf`.
    #[test]
    fn t_quantiles() {
        for (p, df, expected) in [
            (0.975, 1.0, 12.706_204_736_174_694),
            (0.975, 2.0, 4.302_652_729_749_462),
            (0.95, 5.0, 2.015_048_373_333_023),
            (0.975, 10.0, 2.228_138_851_986_274),
            (0.995, 30.0, 2.749_995_653_567_225),
            (0.975, 120.0, 1.979_930_405_082_44),
            (0.975, 199.0, 1.971_956_544_251_753),
            (0.975, 1e6, 1.959_966_356_814_107),
            (0.9999, 3.0, 22.203_742_273_205),
            (0.6, 4.0, 0.270_722_294_707_597_6),
            (0.975, 0.5, 164.557_673_480_488_2),
        ] {
            close_relative(t_quantile(p, df), expected, 1e-11);
            close_relative(t_quantile(1.0 - p, df), -expected, 1e-11);
        }
        // 1e-6 off the middle: the double 0.500001 itself carries only ten digits of that.
        close_relative(t_quantile(0.500_001, 7.0), 2.597_460_275_655_592e-6, 1e-9);
    }

    /// Closed forms: df = 1 is Cauchy, tan(pi (p - 1/2)); df = 2 is (2p - 1) / sqrt(2 p (1 - p)).
    #[test]
    fn t_quantiles_in_closed_form() {
        for p in [1e-9, 0.001, 0.2, 0.49, 0.51, 0.77, 0.999] {
            let cauchy = (PI * (p - 0.5)).tan();
            close_relative(t_quantile(p, 1.0), cauchy, 1e-7_f64.min(1e-12 / p));
            let two = (2.0 * p - 1.0) / (2.0 * p * (1.0 - p)).sqrt();
            close_relative(t_quantile(p, 2.0), two, 1e-12);
        }
    }

    #[test]
    fn t_quantiles_at_the_edges() {
        assert_eq!(t_quantile(0.5, 3.0), 0.0);
        assert_eq!(t_quantile(0.0, 3.0), f64::NEG_INFINITY);
        assert_eq!(t_quantile(1.0, 3.0), f64::INFINITY);
        assert_eq!(t_quantile(0.9, f64::INFINITY), normal_quantile(0.9));
        for df in [1e9, 1e12, 1e15] {
            // First term of the expansion in 1/df: (z^3 + z) / (4 df), Abramowitz and Stegun 26.7.5.
            let z = normal_quantile(0.975);
            close_relative(t_quantile(0.975, df), z + (z * z * z + z) / (4.0 * df), 1e-11);
        }
        assert!(t_quantile(0.9, 0.0).is_nan() && t_quantile(1.1, 5.0).is_nan());
        assert!(t_quantile(0.9, f64::NAN).is_nan() && t_quantile(f64::NAN, 5.0).is_nan());
    }

    /// `scipy.special.betainc` (Boost), among them shapes where `statrs` 0.19.1 returns -1.147.
    #[test]
    fn incomplete_beta_of_small_and_large_shapes() {
        for (x, a, b, expected) in [
            (0.2, 3.0, 7.0, 0.261_802_496),
            (0.3, 0.5, 20.0, 0.999_826_202_160_329_8),
            (0.500_01, 5e8, 5e8, 0.736_455_371_535_127_2),
            (0.001, 1000.0, 1e6, 0.516_811_455_031_172_2),
            (0.5, 1e8, 1e8, 0.5),
        ] {
            close_relative(incomplete_beta(x, 1.0 - x, a, b), expected, 1e-9);
        }
        assert_eq!(incomplete_beta(0.0, 1.0, 2.0, 3.0), 0.0);
        assert_eq!(incomplete_beta(1.0, 0.0, 2.0, 3.0), 1.0);
    }

    #[test]
    fn binomial_tail_equals_the_sum_of_its_terms() {
        let (n, p) = (30_u64, 0.3_f64);
        let (mut term, mut sum) = ((1.0 - p).powi(30), 0.0);
        for k in 0..=n {
            sum += term;
            close(binomial_at_most(k, n, p), sum, 1e-13);
            term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        }
    }
}
