//! Threads that make items before they are asked for, in order.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use crate::{Error, Result};

/// Items `0, 1, 2 …`, made in turn by several threads. Each has at most two that nobody has asked for: one that waits and
/// one in the making or just made. Dropping this stops the threads and waits for them.
pub(super) struct Ahead<T> {
    workers: Vec<Worker<T>>,
    next: usize,
    stop: Stop,
    over: bool,
}

/// Whether the items are still wanted; looked at now and then while one is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

struct Worker<T> {
    items: Option<Receiver<Result<T>>>,
    thread: Option<JoinHandle<()>>,
}

impl Stop {
    pub(super) fn wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl<T: Send + 'static> Ahead<T> {
    /// Starts `workers` threads. `maker` gives each of them a function of its own that makes the item of a number; `None`
    /// says that there is no such item and none after it, or that a stop is wanted.
    pub(super) fn start<M>(workers: usize, maker: impl Fn(Stop) -> M) -> Self
    where
        M: FnMut(u64) -> Option<Result<T>> + Send + 'static,
    {
        let stop = Stop::default();
        let workers = workers.max(1);
        let start = |first: usize| {
            let (send, items) = sync_channel(1);
            let mut make = maker(stop.clone());
            let stop = stop.clone();
            let work = move || {
                let mut number = first as u64;
                while !stop.wanted() {
                    let Some(item) = make(number) else { break };
                    let failed = item.is_err();
                    if send.send(item).is_err() || failed {
                        break;
                    }
                    number += workers as u64;
                }
            };
            let name = format!("pictures {first}");
            match std::thread::Builder::new().name(name).spawn(work) {
                Ok(thread) => Worker {
                    items: Some(items),
                    thread: Some(thread),
                },
                Err(error) => {
                    let (send, items) = sync_channel(1);
                    // The channel is new and has room for one.
                    let _ = send.send(Err(Error::Thread(error.to_string())));
                    Worker {
                        items: Some(items),
                        thread: None,
                    }
                }
            }
        };
        Self {
            workers: (0..workers).map(start).collect(),
            next: 0,
            stop,
            over: false,
        }
    }
}

impl<T> Iterator for Ahead<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if self.over {
            return None;
        }
        let turn = self.next % self.workers.len();
        self.next += 1;
        let worker = &mut self.workers[turn];
        let item = match worker.items.as_ref()?.recv() {
            Ok(item) => Some(item),
            // The thread is gone: its items are over, or it panicked.
            Err(_) => match worker.thread.take()?.join() {
                Ok(()) => None,
                Err(panic) => Some(Err(panicked(panic.as_ref()))),
            },
        };
        self.over = !matches!(item, Some(Ok(_)));
        item
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.stop.0.store(true, Ordering::Relaxed);
        for worker in &mut self.workers {
            worker.items = None; // wakes a thread that waits for room
        }
        for worker in &mut self.workers {
            if let Some(thread) = worker.thread.take() {
                let _ = thread.join(); // a panic of a thread that nobody waits for changes nothing
            }
        }
    }
}

/// What a thread said when it panicked.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    Error::Thread(said.unwrap_or("it panicked without a word").to_owned())
}
