//! A chart of lines, each with its name at its end.

use crate::axis::Axis;
use crate::style::{FAINT, FONT, INK, PAPER, colour};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::path::Path;

/// What goes wrong is told, and ends the program.
pub type Drawn = Result<(), Box<dyn Error>>;

/// As wide as a README shows it.
const SIZE: (u32, u32) = (880, 460);
/// Room for names on the right.
const NAMES: u32 = 186;
/// Between two names, at least.
const LINE: i32 = 17;

/// The points of one candidate.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// What stands around the lines.
pub struct Around {
    pub title: &'static str,
    pub horizontal: &'static str,
    pub vertical: &'static str,
    pub horizontal_tick: fn(f64) -> String,
    pub vertical_tick: fn(f64) -> String,
    /// Whether the points are few enough to be marked.
    pub marked: bool,
}

/// Draws the lines into a file.
pub fn draw(path: &Path, around: &Around, (x, y): (Axis, Axis), lines: &[Line]) -> Drawn {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&PAPER)?;
    let text = |size: i32| (FONT, size).into_font().color(&INK);
    area.draw(&Text::new(around.title, (20, 14), text(19)))?;
    area.draw(&Text::new(around.vertical, (20, 42), text(13)))?;
    let mut chart = ChartBuilder::on(&area)
        .margin_top(64)
        .margin_left(16)
        .margin_bottom(8)
        .margin_right(NAMES)
        .x_label_area_size(44)
        .y_label_area_size(58)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .label_style(text(13))
        .x_desc(around.horizontal)
        .x_label_formatter(&|x| (around.horizontal_tick)(*x))
        .y_label_formatter(&|y| (around.vertical_tick)(*y))
        .draw()?;
    let mut names = Vec::new();
    for Line { name, points } in lines {
        let colour = colour(name);
        chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
        if around.marked {
            chart.draw_series(points.iter().map(|&point| Circle::new(point, 3, colour.filled())))?;
        }
        if let Some(last) = points.last() {
            names.push((chart.backend_coord(last), name.as_str()));
        }
    }
    label(&area, names)?;
    area.present()?;
    Ok(())
}

/// Writes each name beside the end of its line, and none over another.
fn label(area: &DrawingArea<SVGBackend, Shift>, mut names: Vec<((i32, i32), &str)>) -> Drawn {
    names.sort_by_key(|((_, y), _)| *y);
    let heights = apart(names.iter().map(|((_, y), _)| *y));
    let (from, to) = (SIZE.0 as i32 - NAMES as i32 + 4, SIZE.0 as i32 - NAMES as i32 + 26);
    for (((x, end), name), height) in names.into_iter().zip(heights) {
        let colour = colour(name);
        let leader = vec![(x.max(from - 4) + 4, end), (to - 4, height)];
        area.draw(&PathElement::new(leader, colour.mix(0.6).stroke_width(1)))?;
        let style = (FONT, 13).into_font().color(&colour).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(name, (to, height), style))?;
    }
    Ok(())
}

/// Ascending heights, moved so that each has room for a name: those that are too close to one another spread about
/// the middle of where they were.
fn apart(heights: impl Iterator<Item = i32>) -> Vec<i32> {
    // The sum of the heights, less the place of each in its group, and how many there are.
    let mut groups: Vec<(i32, i32)> = Vec::new();
    let top = |(sum, count): (i32, i32)| sum / count;
    for height in heights {
        let mut last = (height, 1);
        while let Some(&before) = groups.last()
            && top(before) + before.1 * LINE > top(last)
        {
            // What follows stands as many lines below the first of the group.
            last = (before.0 + last.0 - last.1 * before.1 * LINE, before.1 + last.1);
            groups.pop();
        }
        groups.push(last);
    }
    let lowest = SIZE.1 as i32 - 56;
    let mut placed: Vec<i32> =
        groups.iter().flat_map(|&group| (0..group.1).map(move |line| top(group) + line * LINE)).collect();
    let over = placed.last().map_or(0, |last| (last - lowest).max(0));
    placed.iter_mut().for_each(|height| *height -= over);
    placed
}

#[cfg(test)]
mod tests {
    use super::{LINE, SIZE, apart};

    #[test]
    fn names_stay_where_there_is_room() {
        assert_eq!(apart([100, 200, 300].into_iter()), [100, 200, 300]);
    }

    #[test]
    fn names_that_are_close_spread_about_their_middle() {
        assert_eq!(apart([100, 100, 100].into_iter()), [100 - LINE, 100, 100 + LINE]);
    }

    #[test]
    fn names_keep_apart_and_above_the_axis() {
        let lowest = SIZE.1 as i32;
        let heights = apart([90, 95, 103, 130, lowest, lowest, lowest].into_iter());
        assert!(heights.windows(2).all(|pair| pair[1] - pair[0] >= LINE), "{heights:?}");
        assert!(heights.last().is_some_and(|last| *last < lowest));
    }
}
