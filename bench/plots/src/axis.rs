//! Axes with marks where they mean something.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use std::ops::Range;

/// An axis: linear, or logarithmic.
pub struct Axis {
    low: f64,
    high: f64,
    marks: Vec<f64>,
    scale: fn(f64) -> f64,
}

impl Axis {
    /// Linear from the first to the last mark.
    pub fn linear(marks: Vec<f64>) -> Self {
        Self::between(marks, |value| value, 0.0)
    }

    /// Logarithmic, with a little room on both sides of the values, each of which is marked where there is room.
    pub fn of_values(values: impl Iterator<Item = f64>) -> Self {
        let mut marks: Vec<f64> = values.collect();
        marks.sort_by(f64::total_cmp);
        marks.dedup();
        let mut axis = Self::between(marks, f64::log10, 0.03);
        let mut before = f64::NEG_INFINITY;
        axis.marks.retain(|mark| {
            let place = mark.log10() / (axis.high - axis.low);
            let room = place - before > 0.07;
            before = if room { place } else { before };
            room
        });
        axis
    }

    /// Logarithmic, over the decades in which the values lie, each of which is marked.
    pub fn decades(values: impl Iterator<Item = f64> + Clone) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min).max(1e-9).log10().floor();
        let high = values.fold(0.0, f64::max).max(1e-9).log10().ceil().max(low + 1.0);
        Self::between((low as i32..=high as i32).map(|power| 10_f64.powi(power)).collect(), f64::log10, 0.0)
    }

    fn between(marks: Vec<f64>, scale: fn(f64) -> f64, room: f64) -> Self {
        let low = marks.first().copied().map_or(0.0, scale);
        let high = marks.last().copied().map_or(1.0, scale).max(low + 1e-9);
        let room = room * (high - low);
        Axis { low: low - room, high: high + room, marks, scale }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let part = ((self.scale)(*value) - self.low) / (self.high - self.low);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        self.marks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.marks.first().copied().unwrap_or(0.0)..self.marks.last().copied().unwrap_or(1.0)
    }
}
