//! Numbers as axes show them.

/// Nanoseconds, in the unit that suits them.
pub fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    format!("{} {unit}", short(value))
}

/// Bytes, in powers of 1,024.
pub fn bytes(count: f64) -> String {
    match count {
        count if count < 1024.0 => format!("{} B", short(count)),
        count if count < 1048576.0 => format!("{} KiB", short(count / 1024.0)),
        count => format!("{} MiB", short(count / 1048576.0)),
    }
}

/// A count, with k for thousands and M for millions.
pub fn count(number: f64) -> String {
    match number {
        number if number < 1e4 => short(number),
        number if number < 1e6 => format!("{}k", short(number / 1e3)),
        number => format!("{}M", short(number / 1e6)),
    }
}

/// A part of all as the nines that it is written with: 0.999 is 99.9 %.
pub fn part(nines: f64) -> String {
    match nines.round() as i32 {
        0 => "fastest".into(),
        1 => "90 %".into(),
        2 => "99 %".into(),
        more => format!("99.{} %", "9".repeat(more.max(3) as usize - 2)),
    }
}

fn short(value: f64) -> String {
    if value >= 10.0 || value.fract().abs() < 1e-9 { format!("{value:.0}") } else { format!("{value:.1}") }
}
