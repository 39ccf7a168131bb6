"""What a regulator reads: the day's exceptions as a value, and that value as a page and as a workbook.

`exceptions.build` says everything once; `html` and `workbook` only lay it out. Equal input gives equal bytes.
"""
