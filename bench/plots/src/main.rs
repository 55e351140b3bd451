//! Draws what the benchmark has measured: `bench-plots DIRECTORY`, where its `figures.json` is. The pictures go beside it.
#![forbid(unsafe_code)]

mod axis;
mod chart;
mod figures;
mod style;
mod ticks;

use axis::Axis;
use chart::{Around, Drawn, Line, draw};
use figures::{Cell, Figures};
use std::path::Path;

const MEBIBYTE: f64 = 1024.0 * 1024.0;

fn main() -> Drawn {
    let folder = std::env::args_os().nth(1).ok_or("usage: bench-plots DIRECTORY")?;
    let folder = Path::new(&folder);
    let figures: Figures = serde_json::from_slice(&std::fs::read(folder.join("figures.json"))?)?;
    latency_by_callers(&folder.join("latency-by-callers.svg"), &figures)?;
    throughput_by_callers(&folder.join("throughput-by-callers.svg"), &figures)?;
    cost_by_payload(&folder.join("cost-by-payload.svg"), &figures)?;
    latency_distribution(&folder.join("latency-distribution.svg"), &figures)?;
    memory(&folder.join("memory.svg"), &figures)
}

/// The candidates in the order in which they were measured, each with the points of its cells.
fn lines<'a, T: 'a>(
    of: impl Iterator<Item = &'a T>,
    name: impl Fn(&T) -> &str,
    point: impl Fn(&T) -> (f64, f64),
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for one in of {
        match lines.iter_mut().find(|line| line.name == name(one)) {
            Some(line) => line.points.push(point(one)),
            None => lines.push(Line { name: name(one).into(), points: vec![point(one)] }),
        }
    }
    lines
}

/// With two capabilities, which nothing else uses.
fn idle(figures: &Figures) -> impl Iterator<Item = &Cell> {
    figures.callers.iter().filter(|cell| cell.capabilities == 2 && !cell.busy)
}

/// Across: a mark at each place that was measured. Up: the decades of what was found there.
fn logarithmic(lines: &[Line]) -> (Axis, Axis) {
    let points = || lines.iter().flat_map(|line| &line.points);
    (Axis::of_values(points().map(|point| point.0)), Axis::decades(points().map(|point| point.1)))
}

fn latency_by_callers(path: &Path, figures: &Figures) -> Drawn {
    let lines = lines(idle(figures), |cell| &cell.candidate, |cell| (cell.callers.into(), cell.p50));
    let around = Around {
        title: "Latency of a small record there and back",
        horizontal: "callers at once",
        vertical: "median",
        horizontal_tick: ticks::count,
        vertical_tick: ticks::time,
        marked: true,
    };
    draw(path, &around, logarithmic(&lines), &lines)
}

fn throughput_by_callers(path: &Path, figures: &Figures) -> Drawn {
    let lines = lines(idle(figures), |cell| &cell.candidate, |cell| (cell.callers.into(), cell.requests_per_second));
    let around = Around {
        title: "Throughput of a small record there and back",
        horizontal: "callers at once",
        vertical: "requests in a second, of all callers together",
        horizontal_tick: ticks::count,
        vertical_tick: ticks::count,
        marked: true,
    };
    draw(path, &around, logarithmic(&lines), &lines)
}

fn cost_by_payload(path: &Path, figures: &Figures) -> Drawn {
    let lines = lines(figures.payloads.iter(), |cell| &cell.candidate, |cell| (cell.bytes as f64, cell.nanoseconds));
    let around = Around {
        title: "Bytes there and back, one caller",
        horizontal: "bytes there, and as many back",
        vertical: "time of one request",
        horizontal_tick: ticks::bytes,
        vertical_tick: ticks::time,
        marked: true,
    };
    draw(path, &around, logarithmic(&lines), &lines)
}

fn latency_distribution(path: &Path, figures: &Figures) -> Drawn {
    let cells = idle(figures).filter(|cell| cell.callers == 64);
    let lines: Vec<Line> = cells
        .map(|cell| Line {
            name: cell.candidate.clone(),
            points: cell.distribution.iter().map(|(part, ns)| (-(1.0 - part).log10(), *ns)).collect(),
        })
        .collect();
    let around = Around {
        title: "Latency of a small record there and back, 64 callers",
        horizontal: "so many of all requests are answered within",
        vertical: "time",
        horizontal_tick: ticks::part,
        vertical_tick: ticks::time,
        marked: false,
    };
    let nines = Axis::linear(vec![0.0, 1.0, 2.0, 3.0, 4.0]);
    let times = Axis::decades(lines.iter().flat_map(|line| &line.points).map(|point| point.1));
    draw(path, &around, (nines, times), &lines)
}

fn memory(path: &Path, figures: &Figures) -> Drawn {
    let points: Vec<(f64, f64)> = figures.soak.resident_bytes.iter().map(|&(x, y)| (x as f64, y as f64)).collect();
    let calls = points.last().map_or(1.0, |point| point.0);
    let highest = points.iter().map(|point| point.1).fold(0.0, f64::max);
    // From nothing, so that growth is seen as what it is.
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].map(|step| step * MEBIBYTE);
    let step = step.into_iter().find(|step| step * 6.0 > highest).unwrap_or(highest);
    let count = (highest * 1.1 / step).ceil() as u32;
    let bytes = Axis::linear((0..=count).map(|index| f64::from(index) * step).collect());
    let numbers = Axis::linear((0..=5).map(|index| f64::from(index) * calls / 5.0).collect());
    let around = Around {
        title: "Resident memory while calls are answered, timed out and cancelled",
        horizontal: "calls",
        vertical: "of the whole process, after a collection",
        horizontal_tick: ticks::count,
        vertical_tick: ticks::bytes,
        marked: false,
    };
    draw(path, &around, (numbers, bytes), &[Line { name: "queued".into(), points }])
}
