//! Exponential and logarithm, quick and to less than a unit in the last place: what samplers and curves spend most of their time in.
//!
//! Both cut the argument into a part whose answer is in a table and a rest so small that a short Taylor series does (P. T. P. Tang,
//! ACM Trans. Math. Softw. 15 (1989) and 16 (1990)). Plain multiplications and additions of doubles, never fused, so every machine
//! finds the same bits. The tables are computed by the compiler with twice the digits. What is extreme or not a number is left to `libm`.

use std::f64::consts::LN_2;

/// Pieces of a factor of two.
const PIECES: usize = 128;

/// Logarithm of 2 and of one piece in two parts, the first of so few bits that its products with exponents, or with the number of a piece,
/// are exact.
const LN_2_PARTS: (f64, f64) = twice::parts(twice::LN_2, twice::TO_42);
const STEP: (f64, f64) = {
    let (high, low) = twice::parts(twice::LN_2, twice::TO_35);
    (high / PIECES as f64, low / PIECES as f64)
};

/// 2^(i / 128): the nearest double, and what it lacks, over the former.
static POWERS: [(f64, f64); PIECES] = {
    let mut powers = [(1.0, 0.0); PIECES];
    let mut i = 0;
    while i < PIECES {
        let (high, low) = twice::exp(twice::times(twice::LN_2, i as f64 / PIECES as f64));
        powers[i] = (high, low / high);
        i += 1;
    }
    powers
};

/// Bits of the lowest mantissa that is not halved: 11/16, so that what is near 1 from both sides has no power of two taken out.
const LOWEST: u64 = 0x3fe6_0000_0000_0000;

/// For each piece of [11/16, 11/8): a number of few bits that brings it near 1, and minus its logarithm, in two parts. It is 1 for the pieces
/// that end or begin at 1, so that nothing cancels there.
static RECIPROCALS: [(f64, f64, f64); PIECES] = {
    let mut table = [(1.0, 0.0, 0.0); PIECES];
    let mut i = 0;
    while i < PIECES {
        let begin = f64::from_bits(LOWEST + ((i as u64) << 45));
        let end = f64::from_bits(LOWEST + ((i as u64 + 1) << 45));
        if begin != 1.0 && end != 1.0 {
            let reciprocal = (1_024.0 / (begin + end) + 0.5) as i64 as f64 / 512.0;
            let (high, low) = twice::ln(reciprocal);
            let (first, rest) = twice::parts((-high, -low), twice::TO_42);
            table[i] = (reciprocal, first, rest);
        }
        i += 1;
    }
    table
};

/// The bits of 2^52 and a whole number are those of their sum.
const NO_EXPONENT: f64 = 4_503_599_627_370_496.0;

/// Adding this and taking it away again leaves the nearest whole number.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// e^x, to less than a unit in the last place.
#[inline]
#[must_use]
pub fn exp(x: f64) -> f64 {
    const STEPS: f64 = PIECES as f64 / LN_2;
    if x.abs() < 700.0 {
        let shifted = x * STEPS + WHOLE;
        let steps = shifted - WHOLE;
        let number = shifted.to_bits();
        let (power, lacks) = POWERS[number as usize % PIECES];
        // Two to the power of the whole part, by the exponent.
        let scale = f64::from_bits(power.to_bits().wrapping_add((number >> 7) << 52));
        let rest = (x - steps * STEP.0) - steps * STEP.1;
        let square = rest * rest;
        let series = lacks
            + rest
            + square * (1.0 / 2.0 + rest * (1.0 / 6.0))
            + square * square * (1.0 / 24.0 + rest * (1.0 / 120.0));
        scale + scale * series
    } else {
        libm::exp(x)
    }
}

/// Natural logarithm, to less than a unit in the last place.
#[inline]
#[must_use]
pub fn ln(x: f64) -> f64 {
    if (f64::MIN_POSITIVE..f64::INFINITY).contains(&x) {
        let bits = x.to_bits();
        let above = bits.wrapping_sub(LOWEST);
        let (reciprocal, high, low) = RECIPROCALS[(above >> 45) as usize % PIECES];
        // By its bits: a conversion would wait for what was last in its register, on many machines.
        let exponent =
            f64::from_bits(NO_EXPONENT.to_bits() + (above.wrapping_add(1_023 << 52) >> 52)) - (NO_EXPONENT + 1_023.0);
        let mantissa = bits.wrapping_sub(above & 0xfff << 52);
        // 42 bits times 10: exact, and so is the difference.
        let front = f64::from_bits(mantissa & !0x7ff);
        let rest = (front * reciprocal - 1.0) + (f64::from_bits(mantissa) - front) * reciprocal;
        let whole = exponent * LN_2_PARTS.0 + high;
        let sum = whole + rest;
        let lacks = ((whole - sum) + rest) + (exponent * LN_2_PARTS.1 + low);
        let square = rest * rest;
        let series = (1.0 / 3.0 - rest * (1.0 / 4.0))
            + square * ((1.0 / 5.0 - rest * (1.0 / 6.0)) + square * (1.0 / 7.0 - rest * (1.0 / 8.0)));
        sum + (lacks + (rest * square * series - 0.5 * square))
    } else {
        libm::log(x)
    }
}

/// Arithmetic with twice the digits of a double, for the compiler: T. J. Dekker, Numer. Math. 18 (1971).
mod twice {
    /// A sum of two doubles, the second at most half a unit in the last place of the first.
    pub(super) type Twice = (f64, f64);

    /// Logarithm of 2.
    pub(super) const LN_2: Twice = {
        let (high, low) = ln(0.5);
        (-high, -low)
    };

    /// What rounds a number below 1 to a multiple of 2^-42, and of 2^-35, when it is added and taken away again.
    pub(super) const TO_42: f64 = 1_536.0;
    pub(super) const TO_35: f64 = 196_608.0;

    /// A rounded number, and the rest.
    pub(super) const fn parts((high, low): Twice, to: f64) -> Twice {
        let first = (high + to) - to;
        (first, (high - first) + low)
    }

    const fn tidy(a: f64, b: f64) -> Twice {
        let sum = a + b;
        (sum, b - (sum - a))
    }

    const fn plus(x: Twice, y: Twice) -> Twice {
        let sum = x.0 + y.0;
        let part = sum - x.0;
        let lacks = (x.0 - (sum - part)) + (y.0 - part);
        tidy(sum, lacks + x.1 + y.1)
    }

    const fn halves(x: f64) -> Twice {
        let big = 134_217_729.0 * x;
        let high = big - (big - x);
        (high, x - high)
    }

    const fn product(x: f64, y: f64) -> Twice {
        let whole = x * y;
        let ((a, b), (c, d)) = (halves(x), halves(y));
        (whole, ((a * c - whole) + a * d + b * c) + b * d)
    }

    pub(super) const fn times(x: Twice, y: f64) -> Twice {
        let (high, low) = product(x.0, y);
        tidy(high, low + x.1 * y)
    }

    const fn by(x: Twice, y: Twice) -> Twice {
        let (high, low) = product(x.0, y.0);
        tidy(high, low + x.0 * y.1 + x.1 * y.0)
    }

    const fn over(x: Twice, y: f64) -> Twice {
        let first = x.0 / y;
        let (high, low) = product(first, y);
        tidy(first, ((x.0 - high) - low + x.1) / y)
    }

    /// e^x for x in [0, 1], by its Taylor series.
    pub(super) const fn exp(x: Twice) -> Twice {
        let mut sum = (1.0, 0.0);
        let mut k = 30.0;
        while k > 0.0 {
            sum = plus((1.0, 0.0), over(by(sum, x), k));
            k -= 1.0;
        }
        sum
    }

    /// ln x for x in [0.5, 1.5] and of few bits, by the series of the inverse hyperbolic tangent.
    pub(super) const fn ln(x: f64) -> Twice {
        let y = over((x - 1.0, 0.0), x + 1.0);
        let square = by(y, y);
        let mut sum = (0.0, 0.0);
        let mut k = 75.0;
        while k > 0.0 {
            sum = plus(by(sum, square), over((1.0, 0.0), k));
            k -= 2.0;
        }
        times(by(sum, y), 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Stream, name_key};
    use super::*;

    /// How many doubles lie between two of one sign.
    fn between(a: f64, b: f64) -> u64 {
        assert_eq!(a.is_sign_negative(), b.is_sign_negative(), "{a} {b}");
        a.to_bits().abs_diff(b.to_bits())
    }

    /// Both are to err by less than a unit in the last place: they are never more than one double apart.
    #[test]
    fn they_agree_with_libm_over_the_whole_range() {
        let mut stream = Stream::new(11, 0, name_key("elementary"));
        for _ in 0..400_000 {
            let x = f64::from_bits(stream.bits() & i64::MAX as u64);
            if x.is_finite() {
                assert!(between(ln(x), libm::log(x)) <= 1, "ln {x:e}");
            }
            let x = 1_500.0 * (stream.uniform() - 0.5);
            assert!(between(exp(x), libm::exp(x)) <= 1, "exp {x:e}");
            let small = (stream.uniform() - 0.5) * exp(-40.0 * stream.uniform());
            assert!(between(exp(small), libm::exp(small)) <= 1, "exp {small:e}");
            assert!(between(ln(1.0 + small), libm::log(1.0 + small)) <= 1, "ln 1 + {small:e}");
        }
    }

    #[test]
    fn they_agree_with_libm_at_the_borders_of_pieces() {
        for exponent in [-1_022_i64, -60, -1, 0, 1, 60, 1_023] {
            for piece in 0..PIECES as u64 {
                let border = (1_023 + exponent) as u64 * (1 << 52) + (piece << 45);
                for bits in [border - 1, border, border + 1] {
                    let x = f64::from_bits(bits);
                    assert!(between(ln(x), libm::log(x)) <= 1, "ln {x:e}");
                    let near = LN_2 * (exponent as f64 + (piece as f64 + 0.5) / PIECES as f64);
                    assert!(between(exp(near), libm::exp(near)) <= 1, "exp {near:e}");
                }
            }
        }
    }

    #[test]
    fn what_is_exact_stays_exact() {
        assert_eq!((exp(0.0), exp(-0.0), ln(1.0)), (1.0, 1.0, 0.0));
        for k in -1_022..=1_023 {
            let power = f64::from_bits(((1_023 + k) as u64) << 52);
            assert!(between(ln(power).abs(), libm::log(power).abs()) <= 1);
        }
    }

    #[test]
    fn extremes_are_those_of_libm() {
        for x in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.0, -0.0, -1.0, f64::MAX, 5e-324, 1e-310, 709.8, -746.0]
        {
            assert_eq!(ln(x).to_bits(), libm::log(x).to_bits(), "{x:e}");
            assert_eq!(exp(x).to_bits(), libm::exp(x).to_bits(), "{x:e}");
        }
    }

    #[test]
    fn tables_have_twice_the_digits() {
        for x in [1.0, 1.125, 1.25, 1.5] {
            let (back, rest) = twice::exp(twice::ln(x));
            assert!(back == x && rest.abs() < 1e-30, "{x}: {back} {rest:e}");
        }
        // ln 2 = 0.693147180559945309417232121458176568...
        let (high, low) = twice::LN_2;
        assert!(high == LN_2 && (low - 2.319_046_813_846_299_6e-17).abs() < 1e-31, "{low:e}");
    }
}
