//! The same work in a process of its own, behind a Unix socket: `bench-server PATH`.
//!
//! A message is its length (4 bytes, little-endian), the number of its method (1 byte, not counted in the length, and
//! only in requests), and the bytes. Each connection has a thread, so callers that have one each do not wait for one
//! another here.
//!
//! It says `ready` on its standard output when it listens, and ends when its standard input does: however the program
//! that started it ends, it is not left behind.

use bench_work::{LIMIT, Method};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

fn main() -> io::Result<()> {
    let path = std::env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: bench-server PATH"))?;
    let listener = UnixListener::bind(path)?;
    println!("ready");
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || serve(connection));
        }
    });
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

/// Answers one request after the other, until the caller hangs up.
fn serve(mut connection: UnixStream) -> io::Result<()> {
    let mut request = Vec::new();
    let mut message = Vec::new();
    loop {
        let mut head = [0; 5];
        connection.read_exact(&mut head)?;
        let [a, b, c, d, method] = head;
        let len = u32::from_le_bytes([a, b, c, d]) as usize;
        if len > LIMIT {
            return Err(io::Error::other("a message is too long"));
        }
        request.resize(len, 0);
        connection.read_exact(&mut request)?;
        let answer = Method::numbered(method).answer(&request).map_err(io::Error::other)?;
        // One write: two would wake the caller for the length alone.
        message.clear();
        message.extend_from_slice(&(answer.len() as u32).to_le_bytes());
        message.extend_from_slice(&answer);
        connection.write_all(&message)?;
    }
}
