/* SPDX-FileCopyrightText: The asyncjobs authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>
#include <string.h>

/* What colours are in a PNG: of those that are drawn for us, 8 bits of red, green, blue and
 * perhaps alpha, line by line */

static inline guint32
png_get_number (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

static inline GByteArray *
png_inflate (GByteArray *packed)
{
  g_autoptr (GZlibDecompressor) zlib = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data (packed->data, packed->len, NULL);
  g_autoptr (GInputStream) stream = g_converter_input_stream_new (memory, G_CONVERTER (zlib));
  g_autoptr (GOutputStream) target = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_output_stream_splice (target, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, &error);
  g_assert_no_error (error);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (target));

  return g_bytes_unref_to_array (g_steal_pointer (&bytes));
}

/* As it is foretold from those to the left, above, and above that */
static inline int
png_foretell (guint8 filter,
              int    left,
              int    above,
              int    corner)
{
  int to_left = ABS (above - corner), to_above = ABS (left - corner), to_corner = ABS (left + above - 2 * corner);

  switch (filter)
    {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) / 2;
    default:
      g_assert_cmpuint (filter, ==, 4);
      return to_left <= to_above && to_left <= to_corner ? left : to_above <= to_corner ? above : corner;
    }
}

/* How many points have this colour, "#8ecaf0" as 0x8ecaf0 */
static inline guint
png_count (GBytes  *png,
           guint32  color)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (png, &size);
  g_autoptr (GByteArray) packed = g_byte_array_new (), lines = NULL;
  guint32 width, height, step, n = 0;

  g_assert_cmpuint (size, >, 33);
  g_assert_cmpmem (data, 8, "\211PNG\r\n\032\n", 8);
  width = png_get_number (data + 16);
  height = png_get_number (data + 20);
  g_assert_cmpuint (data[24], ==, 8);
  g_assert_true (data[25] == 2 || data[25] == 6);
  step = data[25] == 2 ? 3 : 4;

  for (gsize i = 8; i + 12 <= size; i += 12 + png_get_number (data + i))
    if (memcmp (data + i + 4, "IDAT", 4) == 0)
      g_byte_array_append (packed, data + i + 8, png_get_number (data + i));
  lines = png_inflate (packed);
  g_assert_cmpuint (lines->len, ==, height * (1 + width * step));

  for (guint y = 0; y < height; y++)
    {
      guint8 *line = lines->data + y * (1 + width * step) + 1;
      const guint8 *last = y > 0 ? line - 1 - width * step : NULL;

      for (guint x = 0; x < width * step; x++)
        line[x] = (guint8) (line[x] + png_foretell (line[-1], x < step ? 0 : line[x - step], last != NULL ? last[x] : 0,
                                                    x < step || last == NULL ? 0 : last[x - step]));
      for (guint x = 0; x < width * step; x += step)
        n += png_get_number ((guint8[]) { 0, line[x], line[x + 1], line[x + 2] }) == color;
    }

  return n;
}
