"""Tasks made of data: streams of experiences, clean or disturbed at test. What scenario files call."""
