"""The validation rules of the Children in need census, as findings with line numbers.

The rules are the Department's, in our own words. A rule whose code ends in Q is a
query: the data may be right. Each module holds the rules about one subject.
"""
