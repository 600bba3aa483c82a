//! A blocking client that sends the bytes it is given and shows the bytes that come back.
//!
//! A library client would hide what a stand-in server has to be tested for: half requests, broken framing,
//! chunk borders, the way a connection ends. Every read gives up after [`PATIENCE`], so that a server that
//! does not answer fails a test instead of stopping it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long a read may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

trait Transport: Read + Write + Send {}
impl<T: Read + Write + Send> Transport for T {}

/// One connection.
pub struct Client {
    transport: Box<dyn Transport>,
    socket: TcpStream,
    /// Read, but not asked for yet.
    ahead: Vec<u8>,
    /// The protocol that TLS agreed upon.
    pub protocol: Option<String>,
}

/// A reply up to its body.
#[derive(Debug, Clone)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// The fields, names in lower case.
    pub fields: Vec<(String, String)>,
}

/// A whole reply.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Everything but the body.
    pub head: Head,
    /// The body, without chunks.
    pub body: Vec<u8>,
}

/// How the server ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// In good order.
    Closed,
    /// By a reset, or for TLS without saying goodbye.
    Broken,
}

impl Client {
    /// Connects without TLS.
    pub fn plain(address: SocketAddr) -> Self {
        let socket = connect(address);
        Self {
            transport: Box::new(socket.try_clone().unwrap()),
            socket,
            ahead: Vec::new(),
            protocol: None,
        }
    }

    /// Connects with TLS, trusts `ca_pem` only, and offers `protocols`.
    pub fn tls(address: SocketAddr, ca_pem: &str, name: &str, protocols: &[&str]) -> Self {
        let socket = connect(address);
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let config = tls_config(ca_pem, protocols);
        let session = ClientConnection::new(config, name).unwrap();
        let mut stream = StreamOwned::new(session, socket.try_clone().unwrap());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock).unwrap();
        }
        let protocol = stream.conn.alpn_protocol().map(<[u8]>::to_vec);
        Self {
            transport: Box::new(stream),
            socket,
            ahead: Vec::new(),
            protocol: protocol.map(|name| String::from_utf8(name).unwrap()),
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).unwrap();
    }

    /// Sends bytes to a server that may be gone.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.transport.write_all(bytes.as_ref())?;
        self.transport.flush()
    }

    /// Sends a request without a body and reads its reply.
    pub fn get(&mut self, target: &str) -> Answer {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: t\r\n\r\n"));
        self.answer()
    }

    /// Sends a request to a server that may close at any moment: the status it answered, or 0.
    pub fn status_or_close(&mut self, target: &str) -> u16 {
        let sent = self.try_send(format!(
            "GET {target} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n"
        ));
        let (bytes, _) = self.rest();
        let text = String::from_utf8_lossy(&bytes);
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        sent.ok().and(status).unwrap_or(0)
    }

    /// Sends a request with a body and reads its reply.
    pub fn post(&mut self, target: &str, fields: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: t\r\ncontent-length: {length}\r\n{fields}\r\n"
        );
        self.send([head.as_bytes(), body].concat());
        self.answer()
    }

    /// Sends the only request of a connection and reads its reply.
    pub fn exchange(
        &mut self,
        method: &str,
        target: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: t\r\nconnection: close\r\n");
        for (name, value) in fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        self.send([head.as_bytes(), body].concat());
        let head = self.head();
        let body = match method {
            "HEAD" => self.rest().0,
            _ => self.body(&head),
        };
        Answer { head, body }
    }

    /// Reads a reply with its body.
    pub fn answer(&mut self) -> Answer {
        let head = self.head();
        let body = self.body(&head);
        Answer { head, body }
    }

    /// Reads a status line and fields.
    pub fn head(&mut self) -> Head {
        let status_line = self.line();
        let mut words = status_line.splitn(3, ' ');
        assert!(
            words.next().unwrap().starts_with("HTTP/1."),
            "{status_line}"
        );
        let status = words.next().unwrap().parse().unwrap();
        let reason = words.next().unwrap_or_default().to_owned();
        let mut fields = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Head {
            status,
            reason,
            fields,
        }
    }

    /// Reads the body that a head announces.
    pub fn body(&mut self, head: &Head) -> Vec<u8> {
        if head.field("transfer-encoding") == Some("chunked") {
            return std::iter::from_fn(|| self.chunk()).flatten().collect();
        }
        let length = head.field("content-length").unwrap_or("0");
        self.exactly(length.parse().unwrap())
    }

    /// Reads one chunk; `None` for the last one.
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = self.line();
        let size = usize::from_str_radix(&size, 16).expect("a chunk size");
        let data = self.exactly(size);
        assert_eq!(self.line(), "");
        (size > 0).then_some(data)
    }

    /// Reads that many bytes.
    pub fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.ahead.len() < length {
            assert!(self.more().unwrap() > 0, "closed after {:?}", self.text());
        }
        self.ahead.drain(..length).collect()
    }

    /// Reads until the server ends the connection.
    pub fn rest(&mut self) -> (Vec<u8>, Ending) {
        loop {
            match self.more() {
                Ok(0) => return (std::mem::take(&mut self.ahead), Ending::Closed),
                Ok(_) => {}
                Err(fault) if is_patience(&fault) => panic!("the server keeps the connection"),
                Err(_) => return (std::mem::take(&mut self.ahead), Ending::Broken),
            }
        }
    }

    /// Closes the sending direction only.
    pub fn finish_sending(&self) {
        self.socket.shutdown(Shutdown::Write).unwrap();
    }

    fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.ahead.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.ahead.drain(..end + 2).collect();
                return String::from_utf8_lossy(&line[..end]).into_owned();
            }
            assert!(self.more().unwrap() > 0, "closed after {:?}", self.text());
        }
    }

    fn more(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 16 * 1024];
        let length = self.transport.read(&mut bytes)?;
        self.ahead.extend_from_slice(&bytes[..length]);
        Ok(length)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.ahead).into_owned()
    }
}

impl Head {
    /// The first value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// TLS for a client that trusts one authority.
pub fn tls_config(ca_pem: &str, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    Arc::new(config)
}

fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect_timeout(&address, PATIENCE).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

fn is_patience(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
