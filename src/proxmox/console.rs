//! Consoles behind a WebSocket: a terminal that echoes, and a screen that shows nothing but is one.
//!
//! A terminal speaks the protocol of `termproxy` (proxmox.md 1.1, "WebSocket"); a screen speaks RFB 3.8 (RFC 6143)
//! as far as a viewer needs to connect: one security type, a size, and black rectangles when it asks for them.
//! Proxmox VE only passes bytes on: when either side is done, the connection ends without a closing handshake
//! (pve-http-server, `websocket_proxy`), and there are clients that take one for an error.

use std::sync::Arc;

use bytes::Bytes;

use crate::http::Talk;
use crate::http::websocket::Handshake;
use crate::proxmox::product::Product;

pub mod worker;

use worker::Seat;

/// A console that a call leads to.
#[derive(Debug, Clone)]
pub struct Console {
    /// How the client asked for it.
    pub handshake: Handshake,
    /// What it is.
    pub kind: Kind,
    /// The id of the task that goes on for as long as somebody sits at it.
    pub task: Option<String>,
    /// What is dropped when nobody does any more.
    pub seat: Option<Arc<Seat>>,
}

impl Console {
    /// Begins to talk as the product does.
    pub(super) fn talk(self, product: Product) -> Box<dyn Talk> {
        let talk = self.kind.talk();
        Box::new(Attended {
            talk,
            hangs_up: product == Product::Pve,
            _seat: self.seat,
        })
    }
}

/// A talk that ends with somebody leaving a seat.
struct Attended {
    talk: Box<dyn Talk>,
    hangs_up: bool,
    _seat: Option<Arc<Seat>>,
}

impl Talk for Attended {
    fn greeting(&mut self) -> Vec<Bytes> {
        self.talk.greeting()
    }

    fn answer(&mut self, message: &[u8]) -> Vec<Bytes> {
        self.talk.answer(message)
    }

    fn is_over(&self) -> bool {
        self.talk.is_over()
    }

    fn hangs_up(&self) -> bool {
        self.hangs_up
    }
}

/// The kinds of consoles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A shell that echoes what is typed; its prompt.
    Terminal(String),
    /// A screen; its name.
    Screen(String),
    /// Bytes that come back as they are (tunnels for migrations).
    Echo,
}

impl Kind {
    /// Begins to talk.
    fn talk(self) -> Box<dyn Talk> {
        match self {
            Self::Terminal(prompt) => Box::new(Terminal {
                prompt,
                stage: Stage::Login,
                line: String::new(),
            }),
            Self::Screen(name) => Box::new(Screen {
                name,
                step: Step::Version,
                unread: Vec::new(),
            }),
            Self::Echo => Box::new(Echo),
        }
    }
}

struct Echo;

impl Talk for Echo {
    fn greeting(&mut self) -> Vec<Bytes> {
        Vec::new()
    }

    fn answer(&mut self, message: &[u8]) -> Vec<Bytes> {
        vec![Bytes::copy_from_slice(message)]
    }

    fn is_over(&self) -> bool {
        false
    }
}

struct Terminal {
    prompt: String,
    stage: Stage,
    /// What was typed since the last line ended.
    line: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Login,
    Shell,
    Over,
}

/// The longest line that is remembered: `exit` has four letters.
const LONGEST_LINE: usize = 64;

impl Talk for Terminal {
    fn greeting(&mut self) -> Vec<Bytes> {
        Vec::new()
    }

    fn answer(&mut self, message: &[u8]) -> Vec<Bytes> {
        match self.stage {
            Stage::Over => Vec::new(),
            // `<user>:<ticket>` and a line end; the ticket was checked when the socket was opened.
            Stage::Login if message.ends_with(b"\n") && message.contains(&b':') => {
                self.stage = Stage::Shell;
                vec![Bytes::from_static(b"OK"), self.prompt.clone().into()]
            }
            Stage::Login => {
                self.stage = Stage::Over;
                Vec::new()
            }
            Stage::Shell => typed(message).map_or_else(Vec::new, |text| vec![self.echo(text)]),
        }
    }

    fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }
}

/// What a message types: `0:<length>:<text>`. Sizes (`1:`) and pings (`2`) type nothing.
fn typed(message: &[u8]) -> Option<&[u8]> {
    let rest = message.strip_prefix(b"0:")?;
    let colon = rest.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&rest[..colon]).ok()?.parse().ok()?;
    let text = &rest[colon + 1..];
    Some(&text[..length.min(text.len())])
}

impl Terminal {
    fn echo(&mut self, text: &[u8]) -> Bytes {
        let mut shown = Vec::with_capacity(text.len());
        for byte in text {
            if *byte != b'\r' && *byte != b'\n' {
                shown.push(*byte);
                if self.line.len() < LONGEST_LINE {
                    self.line.push(char::from(*byte));
                }
                continue;
            }
            shown.extend_from_slice(b"\r\n");
            if self.line.trim() == "exit" {
                self.stage = Stage::Over;
                break;
            }
            self.line.clear();
            shown.extend_from_slice(self.prompt.as_bytes());
        }
        shown.into()
    }
}

/// The side of the screen, in pixels.
const WIDTH: u16 = 640;
const HEIGHT: u16 = 480;

struct Screen {
    name: String,
    step: Step,
    /// What came and is not a whole message yet.
    unread: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Version,
    Security,
    Password,
    Init,
    Running,
    Over,
}

/// What a viewer is to encrypt with its password. What it makes of it is not looked at: who came here has a ticket.
const CHALLENGE: [u8; 16] = [0x5a; 16];

impl Talk for Screen {
    fn greeting(&mut self) -> Vec<Bytes> {
        vec![Bytes::from_static(b"RFB 003.008\n")]
    }

    fn answer(&mut self, message: &[u8]) -> Vec<Bytes> {
        self.unread.extend_from_slice(message);
        let mut said = Vec::new();
        while let Some((length, answer)) = self.next() {
            self.unread.drain(..length);
            said.extend(answer);
        }
        said
    }

    fn is_over(&self) -> bool {
        self.step == Step::Over
    }
}

impl Screen {
    /// The length of the next whole message and what is said to it.
    fn next(&mut self) -> Option<(usize, Option<Bytes>)> {
        let first = *self.unread.first()?;
        let (length, answer, step) = match self.step {
            Step::Over => return None,
            // One security type: a password, which is the ticket or what came with it.
            Step::Version => (12, Some(Bytes::from_static(&[1, 2])), Step::Security),
            Step::Security if first == 2 => {
                (1, Some(Bytes::from_static(&CHALLENGE)), Step::Password)
            }
            Step::Password => (16, Some(Bytes::from_static(&[0, 0, 0, 0])), Step::Init),
            Step::Security => (1, None, Step::Over),
            Step::Init => (1, Some(self.introduction()), Step::Running),
            Step::Running => match self.request(first)? {
                (0, _) => (1, None, Step::Over),
                (length, answer) => (length, answer, Step::Running),
            },
        };
        if self.unread.len() < length {
            return None;
        }
        self.step = step;
        Some((length, answer))
    }

    /// The length of a request of a running session, with the answer; length 0 for what RFB does not know.
    fn request(&self, first: u8) -> Option<(usize, Option<Bytes>)> {
        let number = |at: usize| {
            let bytes = self.unread.get(at..at + 2)?;
            Some(usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
        };
        Some(match first {
            // Pixel format, encodings, an update, a key, a pointer, a clipboard.
            0 => (20, None),
            2 => (4 + 4 * number(2)?, None),
            // An answer to every request for news would be a loop of black screens.
            3 => {
                let is_news = *self.unread.get(1)? != 0;
                (10, (!is_news).then(|| black(&self.unread)).flatten())
            }
            4 => (8, None),
            5 => (6, None),
            6 => (8 + number(6)?, None),
            _ => (0, None),
        })
    }

    /// Size, pixel format (32 bits of true colour) and name.
    fn introduction(&self) -> Bytes {
        let mut text = Vec::new();
        text.extend(WIDTH.to_be_bytes());
        text.extend(HEIGHT.to_be_bytes());
        text.extend([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]);
        let name = self.name.as_bytes();
        text.extend(u32::try_from(name.len()).unwrap_or_default().to_be_bytes());
        text.extend(name);
        text.into()
    }
}

/// The rectangle that was asked for, all black, as pixels that are not compressed.
fn black(request: &[u8]) -> Option<Bytes> {
    let area = request.get(2..10)?;
    let number = |at: usize| usize::from(u16::from_be_bytes([area[at], area[at + 1]]));
    let (width, height) = (
        number(4).min(usize::from(WIDTH)),
        number(6).min(usize::from(HEIGHT)),
    );
    let mut update = vec![0, 0, 0, 1];
    update.extend(&area[..4]);
    update.extend(u16::try_from(width).unwrap_or(WIDTH).to_be_bytes());
    update.extend(u16::try_from(height).unwrap_or(HEIGHT).to_be_bytes());
    update.extend([0; 4]);
    update.resize(update.len() + width * height * 4, 0);
    Some(update.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(talk: &mut Box<dyn Talk>, message: &[u8]) -> String {
        let answers = talk.answer(message);
        let texts = answers
            .iter()
            .map(|text| String::from_utf8_lossy(text).into_owned());
        texts.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn terminals_echo_until_exit() {
        let mut talk = Kind::Terminal("# ".to_owned()).talk();
        assert!(talk.greeting().is_empty());
        assert_eq!(said(&mut talk, b"root@pam:PVEVNC:x\n"), "OK|# ");
        assert_eq!(said(&mut talk, b"1:80:24:"), "");
        assert_eq!(said(&mut talk, b"2"), "");
        assert_eq!(said(&mut talk, b"0:2:ls"), "ls");
        assert_eq!(said(&mut talk, b"0:1:\r"), "\r\n# ");
        assert_eq!(said(&mut talk, b"0:99:short"), "short");
        assert_eq!(said(&mut talk, b"0:x:short"), "");
        assert_eq!(said(&mut talk, b"0:6:\rexit\r"), "\r\n# exit\r\n");
        assert!(talk.is_over());
        let mut stranger = Kind::Terminal("# ".to_owned()).talk();
        assert_eq!(said(&mut stranger, b"hello"), "");
        assert!(stranger.is_over());
    }

    #[test]
    fn viewers_see_a_black_screen() {
        let mut talk = Kind::Screen("vm".to_owned()).talk();
        assert_eq!(talk.greeting(), [Bytes::from_static(b"RFB 003.008\n")]);
        assert!(talk.answer(b"RFB 003").is_empty());
        assert_eq!(talk.answer(b".008\n"), [Bytes::from_static(&[1, 2])]);
        assert_eq!(talk.answer(&[2]), [Bytes::from_static(&CHALLENGE)]);
        // The answer to the challenge and the first word of the session may come together.
        let init = talk.answer(&[1; 17]);
        assert_eq!(init[0], Bytes::from_static(&[0; 4]));
        assert_eq!(init[1][..4], [2, 128, 1, 224]);
        assert!(init[1].ends_with(b"\0\0\0\x02vm"));
        assert!(talk.answer(&[2, 0, 0, 1, 0, 0, 0, 0]).is_empty());
        let update = talk.answer(&[3, 0, 0, 0, 0, 0, 0, 2, 0, 3]);
        assert_eq!(update[0].len(), 4 + 12 + 2 * 3 * 4);
        assert!(talk.answer(&[3, 1, 0, 0, 0, 0, 0, 2, 0, 3]).is_empty());
        assert!(talk.answer(&[77]).is_empty());
        assert!(talk.is_over());
    }
}
