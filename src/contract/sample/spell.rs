//! Texts that a pattern spells: the shortest ones, and longer ones for who needs more.
//!
//! Only the part of the language that patterns of products use is understood, and that roughly: what comes
//! out is tried against the pattern itself before it is taken.

use std::iter::Peekable;
use std::str::Chars;

/// How many more than needed a repetition is written.
const MORE: [usize; 8] = [0, 1, 2, 4, 7, 15, 31, 63];

/// How many of the alternatives are tried.
const ALTERNATIVES: usize = 4;

/// Groups stand no deeper inside one another than this.
const DEEPEST: usize = 40;

/// How many pieces a text is made of at most. A group may be empty and still be repeated without end.
const LONGEST: usize = 10_000;

/// What a class is written as, if it has one of these.
const PLAIN: &str = "a1A0x-/";

enum Piece {
    Class {
        ranges: Vec<(char, char)>,
        not: bool,
    },
    Group(Vec<Vec<Piece>>),
    Repeat(Box<Piece>, usize, usize),
}

/// The texts to try, in order; none when the pattern is not understood.
pub(super) fn spellings(pattern: &str) -> impl Iterator<Item = String> {
    let mut reader = Reader {
        rest: pattern.chars().peekable(),
        depth: 0,
    };
    let whole = reader.alternatives();
    let tries = (0..ALTERNATIVES).flat_map(|which| MORE.map(|more| (which, more)));
    tries.filter_map(move |(which, more)| {
        let mut writer = Writer {
            which,
            more,
            left: LONGEST,
            text: String::new(),
        };
        writer.write(whole.as_ref()?)?;
        Some(writer.text)
    })
}

struct Writer {
    which: usize,
    more: usize,
    left: usize,
    text: String,
}

impl Writer {
    /// Writes a piece; nothing when there is no character for it, or no end.
    fn write(&mut self, piece: &Piece) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        match piece {
            Piece::Class { ranges, not } => self.text.push(member(ranges, *not)?),
            Piece::Group(alternatives) => {
                let index = self.which % alternatives.len().max(1);
                for piece in alternatives.get(index)? {
                    self.write(piece)?;
                }
            }
            Piece::Repeat(piece, least, most) => {
                for _ in 0..least.saturating_add(self.more).min(*most) {
                    self.write(piece)?;
                }
            }
        }
        Some(())
    }
}

/// The plainest character of a class.
fn member(ranges: &[(char, char)], not: bool) -> Option<char> {
    let within = |char: char| {
        ranges
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&char))
    };
    let plain = PLAIN.chars().find(|char| within(*char) != not);
    let first = || ranges.first().map(|(low, _)| *low).filter(|_| !not);
    plain.or_else(first)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    depth: usize,
}

impl Reader<'_> {
    /// Reads to the end of the group.
    fn alternatives(&mut self) -> Option<Piece> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut all = Vec::new();
        let mut current = Vec::new();
        while let Some(char) = self.rest.next() {
            match char {
                ')' => break,
                '|' => all.push(std::mem::take(&mut current)),
                '^' | '$' => {}
                '*' | '+' | '?' | '{' => {
                    let (least, most) = self.count(char)?;
                    let piece = current.pop()?;
                    current.push(Piece::Repeat(Box::new(piece), least, most));
                }
                _ => current.push(self.piece(char)?),
            }
        }
        all.push(current);
        self.depth -= 1;
        Some(Piece::Group(all))
    }

    fn piece(&mut self, char: char) -> Option<Piece> {
        let ranges = match char {
            '(' => {
                self.flags();
                return self.alternatives();
            }
            '[' => return self.class(),
            '.' => vec![('a', 'z')],
            '\\' => return self.escape(),
            other => vec![(other, other)],
        };
        Some(Piece::Class { ranges, not: false })
    }

    /// Skips what stands at the head of a group: flags, a name.
    fn flags(&mut self) {
        if self.rest.next_if_eq(&'?').is_none() {
            return;
        }
        while let Some(char) = self.rest.next_if(|char| *char != ')') {
            if matches!(char, ':' | '>') {
                return;
            }
        }
    }

    fn count(&mut self, char: char) -> Option<(usize, usize)> {
        let bounds = match char {
            '*' => (0, usize::MAX),
            '+' => (1, usize::MAX),
            '?' => (0, 1),
            _ => {
                let text: String =
                    std::iter::from_fn(|| self.rest.next_if(|char| *char != '}')).collect();
                self.rest.next();
                match text.split_once(',') {
                    None => (text.parse().ok()?, text.parse().ok()?),
                    Some((least, "")) => (least.parse().ok()?, usize::MAX),
                    Some((least, most)) => (least.parse().ok()?, most.parse().ok()?),
                }
            }
        };
        // Whether it takes as little as it can makes no difference here.
        self.rest.next_if_eq(&'?');
        Some(bounds)
    }

    fn escape(&mut self) -> Option<Piece> {
        let (ranges, not) = self.escaped()?;
        Some(Piece::Class { ranges, not })
    }

    fn escaped(&mut self) -> Option<(Vec<(char, char)>, bool)> {
        let ranges =
            |text: &str| -> Vec<(char, char)> { text.chars().map(|char| (char, char)).collect() };
        let char = self.rest.next()?;
        let word = || vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')];
        Some(match char {
            'd' | 'D' => (vec![('0', '9')], char == 'D'),
            'w' | 'W' => (word(), char == 'W'),
            's' | 'S' => (ranges(" \t\n"), char == 'S'),
            'n' => (ranges("\n"), false),
            't' => (ranges("\t"), false),
            'x' => {
                let digits: String = self.rest.by_ref().take(2).collect();
                let code = u8::from_str_radix(&digits, 16).ok()?;
                (vec![(code.into(), code.into())], false)
            }
            other => (vec![(other, other)], false),
        })
    }

    fn class(&mut self) -> Option<Piece> {
        let not = self.rest.next_if_eq(&'^').is_some();
        let mut ranges: Vec<(char, char)> = Vec::new();
        loop {
            let low = match self.rest.next()? {
                ']' if !ranges.is_empty() => return Some(Piece::Class { ranges, not }),
                '[' => {
                    // A class with a name; only the one without control characters is in use.
                    let name: String =
                        std::iter::from_fn(|| self.rest.next_if(|char| *char != ']')).collect();
                    self.rest.next();
                    match name.as_str() {
                        ":^cntrl:" => ranges.push((' ', '~')),
                        ":cntrl:" => ranges.push(('\0', '\x1f')),
                        _ => return None,
                    }
                    continue;
                }
                '\\' => match self.escaped()? {
                    (single, false) if single.len() == 1 && single[0].0 == single[0].1 => {
                        single[0].0
                    }
                    (several, false) => {
                        ranges.extend(several);
                        continue;
                    }
                    _ => return None,
                },
                other => other,
            };
            let mut ahead = self.rest.clone();
            let high = match (ahead.next(), ahead.next()) {
                (Some('-'), Some(high)) if high != ']' => {
                    self.rest.next();
                    match self.rest.next()? {
                        '\\' => self.escaped()?.0.first()?.0,
                        high => high,
                    }
                }
                _ => low,
            };
            ranges.push((low, high));
        }
    }
}
