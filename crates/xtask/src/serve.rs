//! A static file server for the page, on this machine only.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

const DEFAULT_PORT: u16 = 8080;
/// Longest request that is read, in bytes.
const LONGEST: u64 = 64 << 10;
/// Browsers open connections ahead of need and say nothing on them.
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves `folder` until the process ends.
pub(crate) fn serve(folder: &Path, port: Option<u16>, open: bool) -> Result<()> {
    ensure!(
        folder.join("index.html").is_file(),
        "{} holds no page: run `cargo xtask build` first",
        folder.display()
    );
    let listener = listen(port)?;
    let address = listener.local_addr()?;
    println!("\nhttp://{address}/   (Ctrl-C ends)");
    if open {
        open_browser(&address);
    }
    answer_all(&listener, folder);
    Ok(())
}

/// The port asked for and no other; without a wish, 8080 or the next one that is free.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => bind(port).with_context(|| format!("port {port} of 127.0.0.1")),
        None => match (DEFAULT_PORT..DEFAULT_PORT + 100).find_map(|port| bind(port).ok()) {
            Some(listener) => Ok(listener),
            None => bail!("no free port from {DEFAULT_PORT} on: choose one with --port"),
        },
    }
}

/// A thread for each connection, and one request on each: none can wait behind a connection that a browser keeps.
fn answer_all(listener: &TcpListener, folder: &Path) {
    for stream in listener.incoming() {
        let folder = folder.to_path_buf();
        thread::spawn(
            move || match stream.and_then(|stream| answer(&stream, &folder)) {
                // A visitor who leaves while a file is on its way, or never asks for one, is not a fault.
                Err(error) if !is_departure(error.kind()) => eprintln!("{error}"),
                _ => {}
            },
        );
    }
}

fn is_departure(kind: ErrorKind) -> bool {
    use ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, TimedOut, WouldBlock,
    };
    matches!(
        kind,
        BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | TimedOut | WouldBlock
    )
}

fn answer(stream: &TcpStream, folder: &Path) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.take(LONGEST));
    let mut request = Vec::new();
    reader.read_until(b'\n', &mut request)?;
    // What else is said changes nothing, but must be heard before the connection ends.
    let mut header = Vec::new();
    while reader.read_until(b'\n', &mut header)? > 2 {
        header.clear();
    }
    let request = String::from_utf8_lossy(&request);
    let mut words = request.split_ascii_whitespace();
    let Some(method) = words.next() else {
        return Ok(());
    };
    if !matches!(method, "GET" | "HEAD") {
        return refuse(stream, "405 Method Not Allowed", "only GET and HEAD\n");
    }
    let found = words.next().and_then(|url| file_for(folder, url));
    match found.and_then(|path| Some((File::open(&path).ok()?, path))) {
        Some((mut file, path)) => {
            // With its length, so that the browser can tell a download that broke off.
            let length = file.metadata()?.len();
            head(stream, "200 OK", media_type(&path), length)?;
            if method == "GET" {
                io::copy(&mut file, &mut &*stream)?;
            }
            Ok(())
        }
        None => refuse(stream, "404 Not Found", "no such file\n"),
    }
}

fn refuse(mut stream: &TcpStream, status: &str, words: &str) -> io::Result<()> {
    head(
        stream,
        status,
        media_type(Path::new("words.txt")),
        words.len() as u64,
    )?;
    stream.write_all(words.as_bytes())
}

fn head(mut stream: &TcpStream, status: &str, media_type: &str, length: u64) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())
}

/// The file that a URL means; `None` when there is none, or when the URL tries to leave the folder.
fn file_for(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let path = percent_decoded(path.strip_prefix('/')?)?;
    let relative = Path::new(&path);
    let inside = relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !inside || path.contains(['\\', '\0']) {
        return None;
    }
    let mut file = folder.join(relative);
    if file.is_dir() {
        file = file.join("index.html");
    }
    file.is_file().then_some(file)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        decoded.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(decoded).ok()
}

fn media_type(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn open_browser(address: &SocketAddr) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if let Err(error) = Command::new(program)
        .arg(format!("http://{address}/"))
        .spawn()
    {
        eprintln!("cannot start a browser ({program}: {error})");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> PathBuf {
        crate::workspace::repository()
    }

    #[test]
    fn finds_files_and_nothing_outside() {
        let folder = repository().join("crates");
        let found = |url| file_for(&folder, url);
        assert_eq!(
            found("/xtask/Cargo.toml?version=1#top"),
            Some(folder.join("xtask/Cargo.toml"))
        );
        assert_eq!(
            found("/xtask/src%2Fmain.rs"),
            Some(folder.join("xtask/src/main.rs"))
        );
        for url in [
            "/../Cargo.toml",
            "/xtask/../../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "//etc/passwd",
            "/xtask\\..\\..\\Cargo.toml",
            "/xtask",
            "/%zz",
            "/%2",
            "",
            "xtask/Cargo.toml",
            "/none",
        ] {
            assert_eq!(found(url), None, "{url}");
        }
    }

    #[test]
    fn answers_get_and_head_with_type_and_length() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let folder = repository().join("crates/xtask");
        thread::spawn(move || answer_all(&listener, &folder));
        // More connections that are kept and say nothing, or half of a request, than a browser opens.
        let _kept: Vec<TcpStream> = (0..16)
            .map(|at| {
                let mut stream = TcpStream::connect(address).expect("a connection");
                let said = if at % 2 == 0 {
                    ""
                } else {
                    "GET /src/main.rs HTTP/1.1\r\n"
                };
                stream
                    .write_all(said.as_bytes())
                    .expect("half of a request");
                stream
            })
            .collect();
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).expect("a connection");
            write!(
                stream,
                "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            .expect("a request");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            answer
        };
        let main = include_str!("main.rs");

        let got = ask("GET /src/main.rs");
        assert!(got.starts_with("HTTP/1.1 200"), "{got}");
        assert!(
            got.contains(&format!("Content-Length: {}\r\n", main.len())),
            "{got}"
        );
        assert!(got.contains("Cache-Control: no-cache\r\n"), "{got}");
        assert!(got.ends_with(main));

        let head = ask("HEAD /src/main.rs");
        assert!(
            head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"),
            "{head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", main.len())),
            "{head}"
        );

        assert!(ask("GET /src/none.rs").starts_with("HTTP/1.1 404"));
        assert!(ask("GET /../Cargo.toml").starts_with("HTTP/1.1 404"));
        assert!(ask("DELETE /src/main.rs").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn browsers_insist_on_these_types() {
        assert_eq!(
            media_type(Path::new("a/zfnet_web_bg.wasm")),
            "application/wasm"
        );
        assert_eq!(
            media_type(Path::new("worker.js")),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            media_type(Path::new("zfnet.safetensors")),
            "application/octet-stream"
        );
    }
}
