//! A piece of a stream on its way out, with its frame.

use std::io::IoSlice;

use bytes::Bytes;

/// How the end of a stream is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Each piece is a chunk, and an empty chunk is the end (HTTP/1.1).
    Chunked,
    /// The end of the connection is the end of the stream (HTTP/1.0).
    UntilClose,
}

/// Bytes on their way to the operating system.
pub(super) struct Outgoing {
    /// Chunk size and line end, or nothing; `data` and `tail` follow.
    front: [u8; 18],
    front_length: u8,
    data: Bytes,
    tail: &'static [u8],
    /// How many of these bytes are out.
    pub(super) written: usize,
    /// What they are.
    pub(super) kind: Kind,
}

/// What is done once the bytes are out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing: the head, or a keep-alive.
    Ours,
    /// The source is told.
    Piece,
    /// The stream has ended.
    End,
}

impl Outgoing {
    /// Data as the client is to get it; `None` if there is none, as an empty chunk would be the end.
    pub(super) fn framed(framing: Framing, data: Bytes, kind: Kind) -> Option<Self> {
        if data.is_empty() {
            return None;
        }
        Some(match framing {
            Framing::Chunked => Self::chunk(data, kind),
            Framing::UntilClose => Self::raw(data, kind),
        })
    }

    /// The end of a stream in good order.
    pub(super) fn last(framing: Framing) -> Self {
        let end = match framing {
            Framing::Chunked => Bytes::from_static(b"0\r\n\r\n"),
            Framing::UntilClose => Bytes::new(),
        };
        Self::raw(end, Kind::End)
    }

    /// Bytes without a frame.
    pub(super) fn raw(data: Bytes, kind: Kind) -> Self {
        Self {
            front: [0; 18],
            front_length: 0,
            data,
            tail: b"",
            written: 0,
            kind,
        }
    }

    fn chunk(data: Bytes, kind: Kind) -> Self {
        let size = format!("{:x}\r\n", data.len());
        let mut outgoing = Self::raw(data, kind);
        // 16 digits of a 64-bit length and the line end always fit.
        let length = size.len().min(outgoing.front.len());
        outgoing.front[..length].copy_from_slice(&size.as_bytes()[..length]);
        outgoing.front_length = u8::try_from(length).unwrap_or(0);
        outgoing.tail = b"\r\n";
        outgoing
    }

    /// How many bytes there are, written or not.
    pub(super) fn length(&self) -> usize {
        usize::from(self.front_length) + self.data.len() + self.tail.len()
    }

    /// What was not written yet.
    pub(super) fn rest<'a, 'b>(&'a self, storage: &'b mut [IoSlice<'a>; 3]) -> &'b [IoSlice<'a>] {
        let front = &self.front[..usize::from(self.front_length)];
        *storage = [front, &self.data, self.tail].map(IoSlice::new);
        let mut slices = &mut storage[..];
        IoSlice::advance_slices(&mut slices, self.written);
        slices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_chunk() {
        let mut outgoing = Outgoing::chunk(Bytes::from_static(b"data: 0123456789"), Kind::Piece);
        let whole = "10\r\ndata: 0123456789\r\n";
        assert_eq!(outgoing.length(), whole.len());
        for written in 0..=whole.len() {
            outgoing.written = written;
            let mut storage = [IoSlice::new(&[]); 3];
            let rest: Vec<u8> = outgoing
                .rest(&mut storage)
                .iter()
                .flat_map(|slice| slice.to_vec())
                .collect();
            assert_eq!(String::from_utf8(rest).unwrap(), &whole[written..]);
        }
    }
}
