"""The commands of ``python -m sobolev_book``: in each file a table, name -> (help, function, *options).

The function takes the parsed options and returns the paths to name; an option is (flag, argparse's settings).
"""
