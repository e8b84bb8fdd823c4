//! Makes hostile inputs of good ones: by lines, tables and values, which keep most of an input meaningful, and by bytes, which do not.

use crate::random::Random;
use std::ops::Range;

/// Inputs grow to this size at most (bytes): what is wrong with a large one is nearly always wrong with a small one.
const LARGEST: usize = 64 * 1024;

/// What stands for values in the place of those that somebody meant.
const HOSTILE: [&str; 97] = [
    "0",
    "1",
    "-1",
    "2",
    "-0",
    "3",
    "63",
    "64",
    "65",
    "255",
    "256",
    "257",
    "1000",
    "1001",
    "65535",
    "65536",
    "1000000",
    "1000000000",
    "1000000001",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.0",
    "-0.0",
    "0.5",
    "0.1",
    "0.999999999999",
    "1.0",
    "1e-320",
    "5e-324",
    "1e-300",
    "1e-12",
    "1e12",
    "1e17",
    "1e18",
    "1e19",
    "1e300",
    "1.7976931348623157e308",
    "1e309",
    "-1e309",
    "nan",
    "inf",
    "-inf",
    "NaN",
    "Infinity",
    "true",
    "false",
    "null",
    "",
    "\"\"",
    "\" \"",
    "\"never\"",
    "\"0s\"",
    "\"1ms\"",
    "\"1ns\"",
    "\"1e-9s\"",
    "\"1e18s\"",
    "\"32000000000y\"",
    "\"1mo\"",
    "\"P1D\"",
    "\"1/s\"",
    "\"0/y\"",
    "\"1e300/s\"",
    "\"1e-300/y\"",
    "\"0%\"",
    "\"100%\"",
    "\"99.999999999%\"",
    "\"101%\"",
    "\"-1%\"",
    "\"catalog:\"",
    "\"unit:\"",
    "\"zone:\"",
    "\"global\"",
    "\"\\u0000\"",
    "\"\\u001b[2J\"",
    "\"\u{9b}2J\"",
    "\"\u{202e}\u{feff}\"",
    "\"<script>&\"",
    "\"../../../etc/hostname\"",
    "\"/dev/zero\"",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[0, 0]",
    "1979-05-27T07:32:00Z",
    "{ exponential = \"1s\" }",
    "{ weibull = { mean = \"1d\", shape = 0.01 } }",
    "{ lognormal = { mean = \"1d\", sigma = 40 } }",
    "{ mixture = [] }",
    "{ fixed = \"0s\" }",
];

/// Letters that formats give a meaning to.
const LETTERS: &[u8] = b"\"'[]{}=.,:#\\-+%/*&!|>@`\n\r\t \0\x1b<e0919_\xc3\xa4\xff";

/// Makes inputs of seeds.
pub struct Mutator<'a> {
    pub seeds: &'a [Vec<u8>],
    /// Words of the format.
    pub words: &'a [String],
    pub random: Random,
}

impl Mutator<'_> {
    /// A seed, changed a few times.
    pub fn input(&mut self) -> Vec<u8> {
        let mut input = self.random.one(self.seeds).cloned().unwrap_or_default();
        loop {
            self.change(&mut input);
            input.truncate(LARGEST);
            if self.random.once_in(3) {
                return input;
            }
        }
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        match self.random.below(20) {
            0..=2 => self.value(input),
            3..=5 => self.number(input),
            6 => self.word(input),
            7 => self.word_of_another(input),
            8 => self.remove_lines(input),
            9 => self.double_lines(input),
            10 => self.swap_lines(input),
            11 => self.line_of_another(input),
            12 => self.table_of_another(input),
            13 => self.remove_table(input),
            14 => self.cut(input),
            15 => self.flip(input),
            16 => self.letter(input),
            17 => self.remove_bytes(input),
            18 => self.double_bytes(input),
            _ => self.bytes_of_another(input),
        }
    }

    fn hostile(&mut self) -> Vec<u8> {
        let known = self.random.once_in(4).then(|| self.random.one(self.words).cloned()).flatten();
        known.unwrap_or_else(|| (*self.random.one(&HOSTILE).unwrap_or(&"")).to_owned()).into_bytes()
    }

    /// What stands behind an equals sign or a colon becomes something else, as a whole or up to the next comma.
    fn value(&mut self, input: &mut Vec<u8>) {
        let starts: Vec<usize> = places(input, |byte| byte == b'=' || byte == b':');
        let Some(start) = self.random.one(&starts).map(|at| at + 1) else { return self.letter(input) };
        let ends: &[u8] = if self.random.once_in(2) { b"\n" } else { b",]}\n" };
        let length = input[start..].iter().position(|byte| ends.contains(byte)).unwrap_or(input.len() - start);
        let mut new = b" ".to_vec();
        new.extend(self.hostile());
        input.splice(start..start + length, new);
    }

    fn number(&mut self, input: &mut Vec<u8>) {
        let numbers = runs(input, |byte| byte.is_ascii_digit() || byte == b'.');
        let Some(place) = self.random.one(&numbers).cloned() else { return self.letter(input) };
        let written = String::from_utf8_lossy(&input[place.clone()]).into_owned();
        let number = written.parse::<f64>().unwrap_or(0.0);
        let new = match self.random.below(8) {
            0 => format!("{}", number + 1.0),
            1 => format!("{}", number - 1.0),
            2 => format!("{}", number * 1000.0),
            3 => format!("{}", number / 1000.0),
            4 => format!("-{written}"),
            5 => format!("{written}{written}"),
            6 => format!("{}", self.random.below(20)),
            _ => String::from_utf8_lossy(&self.hostile()).trim_matches('"').to_owned(),
        };
        input.splice(place, new.into_bytes());
    }

    fn word(&mut self, input: &mut Vec<u8>) {
        let words = runs(input, |byte| byte.is_ascii_alphabetic() || byte == b'_');
        let (Some(place), Some(new)) = (self.random.one(&words).cloned(), self.random.one(self.words)) else { return };
        input.splice(place, new.bytes());
    }

    /// A word, or a number, of the same input or another one.
    fn word_of_another(&mut self, input: &mut Vec<u8>) {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte);
        let other = self.another(input);
        let (here, there) = (runs(input, is_word), runs(&other, is_word));
        let (Some(place), Some(new)) = (self.random.one(&here).cloned(), self.random.one(&there).cloned()) else {
            return;
        };
        input.splice(place, other[new].iter().copied());
    }

    fn remove_lines(&mut self, input: &mut Vec<u8>) {
        let lines = self.lines(input);
        input.drain(lines);
    }

    fn double_lines(&mut self, input: &mut Vec<u8>) {
        let lines = self.lines(input);
        let copy = input[lines.clone()].to_vec();
        let at = if self.random.once_in(2) { lines.end } else { self.start_of_line(input) };
        input.splice(at..at, copy);
    }

    fn swap_lines(&mut self, input: &mut Vec<u8>) {
        let lines = self.lines(input);
        let moved: Vec<u8> = input.drain(lines).collect();
        let at = self.start_of_line(input);
        input.splice(at..at, moved);
    }

    fn line_of_another(&mut self, input: &mut Vec<u8>) {
        let other = self.another(input);
        let lines = self.lines(&other);
        let at = self.start_of_line(input);
        input.splice(at..at, other[lines].iter().copied());
    }

    fn table_of_another(&mut self, input: &mut Vec<u8>) {
        let other = self.another(input);
        let tables = tables(&other);
        let Some(table) = self.random.one(&tables).cloned() else { return };
        let at = self.start_of_line(input);
        input.splice(at..at, other[table].iter().copied());
    }

    fn remove_table(&mut self, input: &mut Vec<u8>) {
        let tables = tables(input);
        let Some(table) = self.random.one(&tables).cloned() else { return };
        input.drain(table);
    }

    fn cut(&mut self, input: &mut Vec<u8>) {
        let at = self.random.below(input.len() + 1);
        input.truncate(at);
    }

    fn flip(&mut self, input: &mut [u8]) {
        let (at, bit) = (self.random.below(input.len()), self.random.below(8));
        if let Some(byte) = input.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn letter(&mut self, input: &mut Vec<u8>) {
        let at = self.random.below(input.len() + 1);
        let new = if self.random.once_in(3) {
            self.hostile()
        } else {
            self.random.one(LETTERS).copied().into_iter().collect()
        };
        let end = at + usize::from(self.random.once_in(2) && at < input.len());
        input.splice(at..end, new);
    }

    fn remove_bytes(&mut self, input: &mut Vec<u8>) {
        let stretch = self.random.stretch(input.len());
        input.drain(stretch);
    }

    fn double_bytes(&mut self, input: &mut Vec<u8>) {
        let stretch = self.random.stretch(input.len());
        let times = if self.random.once_in(8) { 1 + self.random.below(200) } else { 1 };
        let copy = input[stretch.clone()].repeat(times);
        input.splice(stretch.end..stretch.end, copy);
    }

    fn bytes_of_another(&mut self, input: &mut Vec<u8>) {
        let other = self.another(input);
        let stretch = self.random.stretch(other.len());
        let at = self.random.below(input.len() + 1);
        input.splice(at..at, other[stretch].iter().copied());
    }

    fn another(&mut self, input: &[u8]) -> Vec<u8> {
        if self.random.once_in(4) { input.to_vec() } else { self.random.one(self.seeds).cloned().unwrap_or_default() }
    }

    /// One line or a few.
    fn lines(&mut self, input: &[u8]) -> Range<usize> {
        let start = self.start_of_line(input);
        let count = if self.random.once_in(4) { 1 + self.random.below(8) } else { 1 };
        let breaks = places(&input[start..], |byte| byte == b'\n');
        start..breaks.get(count - 1).map_or(input.len(), |at| start + at + 1)
    }

    fn start_of_line(&mut self, input: &[u8]) -> usize {
        let breaks = places(input, |byte| byte == b'\n');
        match self.random.below(breaks.len() + 1) {
            0 => 0,
            line => breaks[line - 1] + 1,
        }
    }
}

fn places(input: &[u8], is: impl Fn(u8) -> bool) -> Vec<usize> {
    input.iter().enumerate().filter(|(_, byte)| is(**byte)).map(|(at, _)| at).collect()
}

/// Stretches of bytes that are all so.
fn runs(input: &[u8], is: impl Fn(u8) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in places(input, is) {
        match runs.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// From each line that begins with a bracket to the next.
fn tables(input: &[u8]) -> Vec<Range<usize>> {
    let breaks = places(input, |byte| byte == b'\n').into_iter().map(|at| at + 1);
    let starts = [0].into_iter().chain(breaks).filter(|at| input.get(*at) == Some(&b'['));
    let bounds: Vec<usize> = starts.chain([input.len()]).collect();
    bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
}
