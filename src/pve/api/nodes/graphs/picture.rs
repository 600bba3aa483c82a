//! Curves as a picture: what the product's older interface shows (`PVE::RRD`, `create_rrd_graph`).
//!
//! A PNG of 800 by 200 points with a palette. It has the frame and the lines in the product's colours; the product
//! also writes numbers along the axes, which nobody reads out of a picture.

use serde_json::Value;

use crate::http::compress::Coding;

const WIDTH: usize = 800;
const HEIGHT: usize = 200;

/// What is left free around the frame.
const MARGIN: usize = 20;

/// White, a grey for the grid, black for the frame, and the colours of the two lines that the product knows.
const PALETTE: [[u8; 3]; 5] = [
    [0xFF, 0xFF, 0xFF],
    [0xD0, 0xD0, 0xD0],
    [0x00, 0x00, 0x00],
    [0x00, 0xDD, 0xFF],
    [0xFF, 0x00, 0x00],
];

/// How many sources one picture may have: the product has no colour for more.
pub(super) const MOST_SOURCES: usize = 2;

/// The picture of some sources of a list of points. Its bytes are characters of the text, as Perl's JSON writes them.
pub(super) fn picture(points: &Value, sources: &[&str]) -> String {
    let mut rows = vec![vec![0_u8; WIDTH]; HEIGHT];
    draw_frame(&mut rows);
    let points = points.as_array().map(Vec::as_slice).unwrap_or_default();
    let value = |point: &Value, source: &str| point.get(source).and_then(Value::as_f64);
    let all = points
        .iter()
        .flat_map(|point| sources.iter().map(move |source| (point, *source)));
    let largest = all
        .filter_map(|(point, source)| value(point, source))
        .fold(0.0, f64::max);
    for (source, colour) in sources.iter().take(MOST_SOURCES).zip(3_u8..) {
        let values: Vec<Option<f64>> = points.iter().map(|point| value(point, source)).collect();
        draw_line(&mut rows, &values, largest, colour);
    }
    png(&rows).into_iter().map(char::from).collect()
}

fn draw_frame(rows: &mut [Vec<u8>]) {
    let quarter = (HEIGHT - 2 * MARGIN) / 4;
    for (y, row) in rows.iter_mut().enumerate() {
        let is_inside = (MARGIN..=HEIGHT - MARGIN).contains(&y);
        let is_edge = y == MARGIN || y == HEIGHT - MARGIN;
        for (x, point) in row.iter_mut().enumerate() {
            let is_side = x == MARGIN || x == WIDTH - MARGIN;
            if !is_inside || !(MARGIN..=WIDTH - MARGIN).contains(&x) {
                continue;
            }
            if is_edge || is_side {
                *point = 2;
            } else if (y - MARGIN).is_multiple_of(quarter) {
                *point = 1;
            }
        }
    }
}

/// Column by column, from the height of the column before, so that the line has no gaps but those of the values.
fn draw_line(rows: &mut [Vec<u8>], values: &[Option<f64>], largest: f64, colour: u8) {
    let (width, height) = (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN);
    let mut before = None;
    for x in 0..width {
        let value = values.get(x * values.len() / width).copied().flatten();
        let level = value.map(|value| level(value, largest, height));
        if let Some(level) = level {
            let from = before.unwrap_or(level);
            for step in from.min(level)..=from.max(level) {
                let row = rows.get_mut(HEIGHT - MARGIN - step);
                if let Some(point) = row.and_then(|row| row.get_mut(MARGIN + x)) {
                    *point = colour;
                }
            }
        }
        before = level;
    }
}

/// The highest of the steps up to a height that a share of the largest value reaches.
fn level(value: f64, largest: f64, height: usize) -> usize {
    let share = if largest > 0.0 { value / largest } else { 0.0 };
    let steps = (0..=height).zip(0_u32..);
    let total = u32::try_from(height).map_or(1.0, f64::from);
    steps
        .take_while(|(_, step)| f64::from(*step) <= share * total)
        .last()
        .map_or(0, |(step, _)| step)
}

fn png(rows: &[Vec<u8>]) -> Vec<u8> {
    let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let mut header = Vec::new();
    header.extend(size(WIDTH));
    header.extend(size(HEIGHT));
    // Eight bits, a palette, and the only ways of compression, filtering and transmission but one.
    header.extend([8, 3, 0, 0, 0]);
    let mut lines = Vec::with_capacity((WIDTH + 1) * HEIGHT);
    for row in rows {
        lines.push(0);
        lines.extend(row);
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let chunks: [(&[u8], Vec<u8>); 4] = [
        (b"IHDR", header),
        (b"PLTE", PALETTE.concat()),
        (b"IDAT", Coding::Deflate.compress(&lines)),
        (b"IEND", Vec::new()),
    ];
    for (name, body) in chunks {
        let named = [name, &body].concat();
        file.extend(size(body.len()));
        file.extend(&named);
        file.extend(checksum(&named).to_be_bytes());
    }
    file
}

/// CRC-32 as PNG has it.
fn checksum(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            1 => (sum >> 1) ^ 0xEDB8_8320,
            _ => sum >> 1,
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_picture() {
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        let points = json!([{"time": 1}, {"time": 2, "cpu": 0.5}, {"time": 3, "cpu": 1}]);
        let text = picture(&points, &["cpu"]);
        let bytes: Vec<u8> = text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        assert!(
            bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x20\0\0\0\xC8\x08\x03\0\0\0")
        );
        assert!(bytes.ends_with(b"IEND\xAE\x42\x60\x82"));
        assert!(bytes.len() < 4_000, "{}", bytes.len());
        assert_ne!(text, picture(&points, &["mem"]));
        assert_ne!(text, picture(&json!([]), &["cpu"]));
    }
}
