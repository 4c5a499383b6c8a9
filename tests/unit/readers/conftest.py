"""A census file without a fault, to be spoilt one way at a time."""

import pytest

CLEAN = """<Message>
<Header>
<CollectionDetails><Collection>CIN</Collection><Year>2025</Year>
<ReferenceDate>2025-03-31</ReferenceDate></CollectionDetails>
<Source><SourceLevel>L</SourceLevel><LEA>201</LEA></Source>
</Header>
<Children>
<Child>
<ChildIdentifiers>
<LAchildID>C1</LAchildID>
<UPN>H801200001001</UPN>
<PersonBirthDate>2012-05-01</PersonBirthDate>
<Sex>F</Sex>
</ChildIdentifiers>
<ChildCharacteristics>
<Ethnicity>WBRI</Ethnicity>
<Disabilities>
<Disability>MOB</Disability>
<Disability>HAND</Disability>
<Disability>PC</Disability>
<Disability>INC</Disability>
<Disability>COMM</Disability>
<Disability>LD</Disability>
<Disability>HEAR</Disability>
<Disability>VIS</Disability>
</Disabilities>
</ChildCharacteristics>
<CINdetails>
<CINreferralDate>2024-04-10</CINreferralDate>
<ReferralSource>6</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode>
<CINclosureDate>2025-02-28</CINclosureDate>
<ReasonForClosure>RC7</ReasonForClosure>
<Assessments>
<AssessmentActualStartDate>2024-04-11</AssessmentActualStartDate>
<AssessmentAuthorisationDate>2024-05-20</AssessmentAuthorisationDate>
<FactorsIdentifiedAtAssessment>
<AssessmentFactors>3B</AssessmentFactors>
<AssessmentFactors>4B</AssessmentFactors>
</FactorsIdentifiedAtAssessment>
</Assessments>
<CINPlanDates>
<CINPlanStartDate>2024-12-13</CINPlanStartDate>
<CINPlanEndDate>2025-02-28</CINPlanEndDate>
</CINPlanDates>
<Section47>
<S47ActualStartDate>2024-05-01</S47ActualStartDate>
<InitialCPCtarget>2024-05-23</InitialCPCtarget>
<DateOfInitialCPC>2024-05-23</DateOfInitialCPC>
<ICPCnotRequired>false</ICPCnotRequired>
</Section47>
<ReferralNFA>0</ReferralNFA>
<ChildProtectionPlans>
<CPPstartDate>2024-05-23</CPPstartDate>
<CPPendDate>2024-12-13</CPPendDate>
<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse>
<LatestCategoryOfAbuse>EMO</LatestCategoryOfAbuse>
<NumberOfPreviousCPP>0</NumberOfPreviousCPP>
<Reviews>
<CPPreviewDate>2024-08-20</CPPreviewDate>
</Reviews>
</ChildProtectionPlans>
<PreProceedingsandFGDM>
<PPStartDate>2024-06-03</PPStartDate>
<FGDMMeetingOffer>1</FGDMMeetingOffer>
<FGDMMeetingFac>0</FGDMMeetingFac>
<InitialPPMeetingDate>2024-06-20</InitialPPMeetingDate>
<ReviewMeetingsCount>2</ReviewMeetingsCount>
<StepDecisionDate>2024-11-01</StepDecisionDate>
<PPOutcome>A</PPOutcome>
<CourtAppDate>2024-11-08</CourtAppDate>
</PreProceedingsandFGDM>
</CINdetails>
</Child>
<Child>
<ChildIdentifiers>
<LAchildID>C2</LAchildID>
<UPNunknown>UN7</UPNunknown>
<PersonBirthDate>2024-01-15</PersonBirthDate>
<Sex>M</Sex>
</ChildIdentifiers>
<ChildCharacteristics>
<Ethnicity>APKN</Ethnicity>
</ChildCharacteristics>
<CINdetails>
<CINreferralDate>2024-09-02</CINreferralDate>
<ReferralSource>2A</ReferralSource>
<ReferralNFA>true</ReferralNFA>
</CINdetails>
</Child>
</Children>
</Message>
"""


@pytest.fixture
def clean():
    """The text of a census file without a fault."""
    return CLEAN


@pytest.fixture
def census_file(tmp_path):
    """Write a census file and give its path."""

    def write(text, name="census.xml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
