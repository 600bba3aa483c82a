//! The difference between two files, as `diff -u` writes it.

use jiff::Timestamp;

/// How many lines stand around a change.
const CONTEXT: usize = 3;

/// The most lines of which a shortest difference is searched; above, all lines between the first change and the
/// last are one change. The search takes their square.
const SEARCHED: usize = 2_000;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Remove,
    Add,
}

/// The difference between the interfaces that are and those that are to be; `None` when there is none.
pub(super) fn unified(old: &str, new: &str, at: Timestamp) -> Option<String> {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    if old == new {
        return None;
    }
    let at = at.strftime("%Y-%m-%d %H:%M:%S.000000000 +0000");
    let mut text =
        format!("--- /etc/network/interfaces\t{at}\n+++ /etc/network/interfaces.new\t{at}\n");
    let edits = edits(&old, &new);
    for (from, to) in hunks(&edits) {
        hunk(&mut text, &old, &new, &edits, from, to);
    }
    Some(text)
}

/// The edits that make one list of the other, with as many lines kept as can be.
fn edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let same = old.iter().rev().zip(new.iter().rev());
    let end = same.take_while(|(a, b)| a == b).count().min(rest);
    let (old, new) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut edits = vec![Edit::Keep; start];
    edits.extend(middle(old, new));
    edits.extend(vec![Edit::Keep; end]);
    edits
}

fn middle(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let mut edits = Vec::new();
    if old.len() > SEARCHED || new.len() > SEARCHED {
        edits.extend(vec![Edit::Remove; old.len()]);
        edits.extend(vec![Edit::Add; new.len()]);
        return edits;
    }
    // How many lines the rests from here on have in common at most.
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a * width + b] = if old[a] == new[b] {
                common[(a + 1) * width + b + 1] + 1
            } else {
                common[(a + 1) * width + b].max(common[a * width + b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < old.len() || b < new.len() {
        if a < old.len() && b < new.len() && old[a] == new[b] {
            edits.push(Edit::Keep);
            (a, b) = (a + 1, b + 1);
        } else if b == new.len()
            || a < old.len() && common[(a + 1) * width + b] >= common[a * width + b + 1]
        {
            edits.push(Edit::Remove);
            a += 1;
        } else {
            edits.push(Edit::Add);
            b += 1;
        }
    }
    edits
}

/// The ranges of edits that are shown: changes with the lines around them, joined where they meet.
fn hunks(edits: &[Edit]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    let changes = edits
        .iter()
        .enumerate()
        .filter(|(_, edit)| **edit != Edit::Keep);
    for (at, _) in changes {
        let from = at.saturating_sub(CONTEXT);
        let to = (at + 1 + CONTEXT).min(edits.len());
        match hunks.last_mut() {
            Some(last) if from <= last.1 => last.1 = to,
            _ => hunks.push((from, to)),
        }
    }
    hunks
}

fn hunk(text: &mut String, old: &[&str], new: &[&str], edits: &[Edit], from: usize, to: usize) {
    let count =
        |edits: &[Edit], without: Edit| edits.iter().filter(|edit| **edit != without).count();
    let (mut a, mut b) = (
        count(&edits[..from], Edit::Add),
        count(&edits[..from], Edit::Remove),
    );
    let shown = &edits[from..to];
    let range = |start: usize, length: usize| match length {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        _ => format!("{},{length}", start + 1),
    };
    let (of_old, of_new) = (count(shown, Edit::Add), count(shown, Edit::Remove));
    text.push_str(&format!(
        "@@ -{} +{} @@\n",
        range(a, of_old),
        range(b, of_new)
    ));
    for edit in shown {
        let (mark, line) = match edit {
            Edit::Keep => (' ', old[a]),
            Edit::Remove => ('-', old[a]),
            Edit::Add => ('+', new[b]),
        };
        a += usize::from(*edit != Edit::Add);
        b += usize::from(*edit != Edit::Remove);
        text.push(mark);
        text.push_str(line);
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against what `diff -u` says.
    #[test]
    fn differences() {
        let check = |old: &str, new: &str, want: &str| {
            let text = unified(old, new, Timestamp::UNIX_EPOCH).unwrap();
            let body: Vec<_> = text.lines().skip(2).collect();
            assert_eq!(body.join("\n"), want);
        };
        check("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c");
        check("a\n", "a\nb\n", "@@ -1 +1,2 @@\n a\n+b");
        check("", "a\n", "@@ -0,0 +1 @@\n+a");
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            "2\n3\n4\n5\n6\n7\n8\nx\n9\n",
            "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -6,4 +5,5 @@\n 6\n 7\n 8\n+x\n 9",
        );
        assert_eq!(unified("a\n", "a\n", Timestamp::UNIX_EPOCH), None);
    }
}
